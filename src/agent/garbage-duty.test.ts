import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { recordedParts } from '../cni/recorded-parts.ts'
import { Ages } from './ages.ts'
import type { Reclaim } from './garbage-collection.ts'
import { GarbageDuty, type GarbageOptions } from './garbage-duty.ts'

function duty(t: Test, more: Partial<GarbageOptions> = {}) {
  const runDir = t.testdir({})
  const { parts, records, calls } = recordedParts({ directory: `${runDir}/attachments` })
  const told: Reclaim[] = []
  const onReclaim = (reclaimed: readonly Reclaim[]) => void told.push(...reclaimed)
  const one = new GarbageDuty({
    places: { runDir },
    datapath: parts.datapath,
    graceMs: 0,
    everyMs: 0,
    onReclaim,
    ...more,
  })
  const put = (name: string, netns: string, address: string, since?: number) => {
    const owner = { containerId: `id-${name}`, interfaceName: 'eth0' }
    const pool = { network: 'pods', dataDir: `${runDir}/ipam` }
    const rest = { hostInterface: name, netns, pod: `default/${name}`, addresses: [address] }
    records.write(name, { ...owner, ...pool, ...rest, ...(since !== undefined && { since }) })
    mkdirSync(`${runDir}/ipam/pods`, { recursive: true })
    writeFileSync(`${runDir}/ipam/pods/${address}`, `id-${name}\r\neth0`)
  }
  const messages = () => one.keep().map(({ message }) => message)
  return { one, put, told, messages, calls, runDir }
}

t.test('takes back beside the passes, and tells what, whose and why', async t => {
  const { one, put, told, calls, runDir } = duty(t)
  put('pwdead', '/proc/0/ns/net', '10.1.0.2')
  t.strictSame(one.keep(), [])
  await one.settled()
  const rest = {
    whose: 'the pod default/pwdead',
    why: 'its namespace /proc/0/ns/net is gone, and so is its interface',
  }
  t.strictSame(told, [
    { kind: 'address', what: '10.1.0.2', ...rest },
    { kind: 'record', what: 'pwdead', ...rest },
  ])
  t.strictSame(calls, ['disconnect pwdead'])
  t.strictSame(readdirSync(`${runDir}/attachments`), [])
  t.notOk(readdirSync(`${runDir}/ipam/pods`).includes('10.1.0.2'))
})

t.test('a namespace out of sight is no proof, and is told when it lasts', async t => {
  const { one, put, told, messages } = duty(t)
  put('pwlost', `${t.testdirName}/nowhere/ns`, '10.1.0.2')
  const told1 = messages()
  await one.settled()
  const told2 = messages()
  await one.settled()
  t.strictSame([told1, told2, told], [[], [], []])
  t.match(messages(), [
    /^the pod default\/pwlost lost its interface pwlost, and keeps 10\.1\.0\.2: its namespace \S+ is out of sight$/,
  ])
})

t.test('a plain file where a namespace should be mounted is no proof either', async t => {
  const { one, put, told } = duty(t)
  writeFileSync(`${t.testdir({})}-file`, '')
  put('pwlost', `${t.testdirName}-file`, '10.1.0.2')
  one.keep()
  await one.settled()
  t.strictSame(told, [])
})

const YEAR_MS = 366 * 86_400_000
for (const [what, timeMs] of [
  ['set back by a year', Date.now() + YEAR_MS],
  ['set forward by a year', Date.now() - YEAR_MS],
] as const) {
  t.test(`the time to make a pod is neither shorter nor longer where a clock was ${what}`, async t => {
    let now = 0
    const { one, put, told, runDir } = duty(t, { graceMs: 50_000, ages: new Ages(() => now) })
    put('pwdead', '/proc/0/ns/net', '10.1.0.2', timeMs)
    // No record is of it.
    writeFileSync(`${runDir}/ipam/pods/10.1.0.9`, 'id-other\r\neth0')
    for (const file of ['attachments/pwdead', 'ipam/pods/10.1.0.9'])
      utimesSync(`${runDir}/${file}`, timeMs / 1000, timeMs / 1000)
    const lookAt = async (at: number) => {
      now = at
      one.keep()
      await one.settled()
      return told.map(({ what }) => what).toSorted()
    }
    t.strictSame(await lookAt(0), [])
    t.strictSame(await lookAt(49_999), [])
    t.strictSame(await lookAt(50_000), ['10.1.0.2', '10.1.0.9', 'pwdead'])
  })
}

t.test('works no more often than told', async t => {
  const { one, put, told } = duty(t, { everyMs: 60_000 })
  one.keep()
  await one.settled()
  put('pwdead', '/proc/0/ns/net', '10.1.0.2')
  one.keep()
  await one.settled()
  t.strictSame(told, [])
})

t.test('what cannot be looked at is told, and the next pass goes on', async t => {
  const { one, runDir, messages } = duty(t)
  mkdirSync(`${runDir}/attachments`)
  mkdirSync(`${runDir}/attachments/pwodd`)
  one.keep()
  await one.settled()
  t.match(messages(), [/^cannot look for what dead pods left: EISDIR/])
})

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { recordedParts } from '../cni/recorded-parts.ts'
import type { Reclaim } from './garbage-collection.ts'
import { GarbageDuty } from './garbage-duty.ts'

function duty(t: Test, more: { readonly everyMs?: number } = {}) {
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
  const put = (name: string, netns: string, address: string) => {
    const owner = { containerId: `id-${name}`, interfaceName: 'eth0' }
    const pool = { network: 'pods', dataDir: `${runDir}/ipam` }
    records.write(name, { ...owner, ...pool, hostInterface: name, netns, pod: `default/${name}`, addresses: [address] })
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

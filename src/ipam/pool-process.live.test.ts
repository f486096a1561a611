// Pools in many processes at once, the reference among them.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { hostLocal, skipWithoutHostLocal } from '../testing/host-local.ts'
import { poolAt, ranges, reservationsAt, startPool } from './pool-program.ts'

const EACH = 25

const reserve = `
  for (let i = 0; i < ${EACH}; i++) {
    const given = await pool.allocate({ ...owner, containerId: containerId + i }, [], () => {})
    for (const { address } of given) console.log(formatAddress(address))
  }`

async function output(child: ChildProcess): Promise<string[]> {
  const exit = once(child, 'exit')
  const text = (await Array.fromAsync(child.stdout ?? [])).join('')
  const [code] = await exit
  if (code !== 0) throw new Error(`exit ${code}`)
  return text.split('\n').filter(line => line !== '')
}

t.setTimeout(120_000)

t.test('eight processes at once never get the same address', async t => {
  const root = t.testdir({})
  const processes = Array.from({ length: 8 }, (_, i) => output(startPool(root, `p${i}-`, reserve)))
  const given = (await Promise.all(processes)).flat()
  t.equal(given.length, 8 * EACH * 2)
  t.equal(new Set(given).size, given.length)
  t.strictSame(reservationsAt(root).toSorted(), given.toSorted())
  t.match(await poolAt(root).usage(), [{ used: 8 * EACH }, { used: 8 * EACH }])
})

t.test('nor do ours and the reference’s', { skip: skipWithoutHostLocal }, async t => {
  const root = t.testdir({})
  const call = { dataDir: `${root}/data`, network: 'pods', ranges }
  const theirs = async (name: string): Promise<string[]> => {
    const given: string[] = []
    for (let i = 0; i < EACH; i++) {
      const { ips = [], msg } = await hostLocal({ ...call, command: 'ADD', containerId: `${name}${i}` })
      t.equal(msg, undefined)
      given.push(...ips.map(({ address }) => address.split('/')[0] ?? ''))
    }
    return given
  }
  const [ours, others] = await Promise.all([
    Promise.all(['a', 'b', 'c', 'd'].map(name => output(startPool(root, name, reserve)))),
    Promise.all(['e', 'f', 'g', 'h'].map(theirs)),
  ])
  const given = [...ours, ...others].flat()
  t.equal(given.length, 8 * EACH * 2)
  t.equal(new Set(given).size, given.length)
  t.strictSame(reservationsAt(root).toSorted(), given.toSorted())
  t.match(await poolAt(root).usage(), [{ used: 8 * EACH }, { used: 8 * EACH }])

  await t.test('and each frees what the other reserved', async t => {
    const freedByThem = ['a', 'b', 'c', 'd'].map(async name => {
      for (let i = 0; i < EACH; i++) await hostLocal({ ...call, command: 'DEL', containerId: `${name}${i}` })
    })
    const freedByUs = others.map(async (addresses, k) => {
      for (let i = 0; i < EACH; i++) {
        const owner = { containerId: `${'efgh'[k]}${i}`, interfaceName: 'eth0' }
        await poolAt(root).release(owner, addresses.slice(2 * i, 2 * i + 2).map(parseAddress))
      }
    })
    await Promise.all([...freedByThem, ...freedByUs])
    t.strictSame(reservationsAt(root), [])
    t.match(await poolAt(root).usage(), [{ used: 0 }, { used: 0 }])
  })
})

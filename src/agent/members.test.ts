import fc from 'fast-check'
import t from 'tap'
import { parsePrefix } from '../ip/prefix.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { Members } from './members.ts'
import { Judge, membership } from './membership.ts'

const networks = [{ prefix: parsePrefix('192.0.2.0/24'), interfaceName: 'eth0' }]

t.test('the same list has the same result', async t => {
  const members = new Members('a')
  const nodes = [clusterNode('a', '192.0.2.1', '10.244.1.0/24')]
  const found = members.of(nodes, networks)
  t.equal(members.of(nodes, networks), found)
  t.equal(found.self, nodes[0])
})

t.test('another network of ours is judged', async t => {
  const members = new Members('a')
  const nodes = [clusterNode('a', '192.0.2.1', '10.244.1.0/24')]
  t.strictSame(members.of(nodes, networks).problems, [])
  const more = [...networks, { prefix: parsePrefix('10.244.0.0/16'), interfaceName: 'eth1' }]
  t.match(members.of(nodes, more).problems, [{ code: 'CIDR_REFUSED' }])
  t.strictSame(members.of(nodes, networks).problems, [])
})

t.test('however a list changes, it is judged as if it were new', async t => {
  // Few names, addresses and podCIDRs, so that many collide.
  const node = fc
    .record({
      name: fc.nat(5),
      address: fc.nat(20),
      cidr: fc.nat(8),
      length: fc.constantFrom(24, 24, 24, 23),
      age: fc.nat(3),
    })
    .map(({ name, address, cidr, length, age }) =>
      clusterNode(
        `n${name}`,
        address < 2 ? `10.244.${address}.9` : `192.0.2.${address}`,
        `10.244.${cidr & (length === 23 ? 14 : 15)}.0/${length}`,
        age,
      ),
    )
  const agrees = (pool: ReturnType<typeof clusterNode>[], lists: number[][]) => {
    const members = new Members('n0')
    return lists.every(list => {
      const nodes = list.flatMap(at => pool[at % pool.length] ?? [])
      const fresh = membership(nodes, 'n0', new Judge(networks))
      return JSON.stringify(members.of(nodes, networks), asText) === JSON.stringify(fresh, asText)
    })
  }
  const pool = fc.array(node, { minLength: 1, maxLength: 12 })
  const lists = fc.array(fc.array(fc.nat(11), { maxLength: 5 }), { maxLength: 8 })
  t.doesNotThrow(() => fc.assert(fc.property(pool, lists, agrees), { numRuns: 1000 }))
})

const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value instanceof Error ? value.message : value

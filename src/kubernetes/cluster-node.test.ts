import fc from 'fast-check'
import t from 'tap'
import type { ClusterNode } from '../cluster/node.ts'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { clusterNode, isSameNode } from './cluster-node.ts'

const whole = {
  metadata: { name: 'worker', creationTimestamp: '2026-01-02T03:04:05Z', uid: 'a' },
  spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'], taints: [] },
  status: {
    addresses: [
      { type: 'InternalIP', address: '172.18.0.3' },
      { type: 'InternalIP', address: 'fc00::3' },
      { type: 'ExternalIP', address: '203.0.113.3' },
      { type: 'Hostname', address: 'worker' },
    ],
  },
}
const plain = (node: ClusterNode | undefined) =>
  node && {
    ...node,
    addresses: node.addresses.map(formatAddress).join(' '),
    podCidrs: node.podCidrs.map(formatPrefix).join(' '),
  }
const faultsOf = (object: unknown): string[] => {
  const faults: string[] = []
  clusterNode(object, fault => faults.push(fault))
  return faults
}

t.test('of a node object only name, internal addresses, pod ranges and age are kept', async t => {
  t.strictSame(plain(clusterNode(whole)), {
    name: 'worker',
    addresses: '172.18.0.3 fc00::3',
    podCidrs: '10.244.1.0/24 fd00:10:244:1::/64',
    createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  })
  t.strictSame(faultsOf(whole), [])
})

const metadata = { name: 'n' }
const table: readonly [what: string, object: unknown, expected: object | undefined, faults: readonly string[]][] = [
  ['no range yet is no fault', { metadata }, { podCidrs: '', addresses: '' }, []],
  ['the single range of old objects', { metadata, spec: { podCIDR: '10.1.0.0/24' } }, { podCidrs: '10.1.0.0/24' }, []],
  ['an empty range is none', { metadata, spec: { podCIDR: '', podCIDRs: [] } }, { podCidrs: '' }, []],
  ['host bits are cut', { metadata, spec: { podCIDRs: ['10.1.0.9/24'] } }, { podCidrs: '10.1.0.0/24' }, []],
  [
    'the same range twice',
    { metadata, spec: { podCIDRs: ['10.1.0.0/24', '10.1.0.0/24'] } },
    { podCidrs: '10.1.0.0/24' },
    [],
  ],
  [
    'a bad range beside a good one',
    { metadata, spec: { podCIDRs: ['10.1.0/24', 'fd00::/64', 7, '0.0.0.0/0'] } },
    { podCidrs: 'fd00::/64' },
    ['podCIDR "10.1.0/24"', 'podCIDR 7', 'podCIDR "0.0.0.0/0"'],
  ],
  ['ranges that are no list', { metadata, spec: { podCIDRs: 'x' } }, { podCidrs: '' }, ['spec.podCIDRs "x"']],
  [
    'an address twice, one that is none, one that is missing',
    {
      metadata,
      status: {
        addresses: [
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'InternalIP', address: 'worker' },
          { type: 'InternalIP' },
          null,
        ],
      },
    },
    { addresses: '10.0.0.1' },
    ['InternalIP "worker"', 'InternalIP missing'],
  ],
  [
    'an age that is none',
    { metadata: { name: 'n', creationTimestamp: 'soon' } },
    { name: 'n' },
    ['creationTimestamp "soon"'],
  ],
  ['no name', { metadata: { name: '' } }, undefined, ['no name']],
  ['nothing', null, undefined, ['no name']],
]
for (const [what, object, expected, faults] of table) {
  t.test(what, async t => {
    t.match(plain(clusterNode(object)), expected)
    t.equal(clusterNode(object) === undefined, expected === undefined)
    t.strictSame(faultsOf(object), faults)
  })
}

t.test('no object makes it throw', async t => {
  const mixed = fc.oneof(
    fc.constantFrom(...Object.values(whole), '10.0.0.1', 'InternalIP', '10.1.0.0/24'),
    fc.anything(),
  )
  const object = fc.record(
    {
      metadata: fc.oneof(fc.record({ name: fc.anything(), creationTimestamp: fc.anything() }), mixed),
      spec: fc.oneof(fc.record({ podCIDR: mixed, podCIDRs: fc.oneof(fc.array(mixed), mixed) }), mixed),
      status: fc.record({ addresses: fc.oneof(fc.array(fc.record({ type: mixed, address: mixed })), mixed) }),
    },
    { requiredKeys: [] },
  )
  // As it arrives: what JSON cannot say never does.
  fc.assert(fc.property(fc.oneof(object, fc.jsonValue()), value => void clusterNode(JSON.parse(JSON.stringify(value)))))
  t.pass()
})

t.test('a node is the same until something that we use changes', async t => {
  const one = clusterNode(whole) as ClusterNode
  const other = (change: object) => clusterNode({ ...whole, ...change }) as ClusterNode
  t.ok(isSameNode(one, other({ status: { ...whole.status, conditions: [1] } })))
  t.notOk(isSameNode(one, other({ status: {} })))
  t.notOk(isSameNode(one, other({ status: { addresses: whole.status.addresses.toReversed() } })))
  t.notOk(isSameNode(one, other({ spec: { podCIDR: '10.244.1.0/25' } })))
  t.notOk(isSameNode(one, other({ metadata: { ...whole.metadata, name: 'x' } })))
  t.notOk(isSameNode(one, other({ metadata: { name: 'worker' } })))
})

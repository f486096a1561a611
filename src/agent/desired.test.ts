import t from 'tap'
import { parsePrefix } from '../ip/prefix.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { DesiredState } from './desired.ts'
import { type Mode, type Surroundings, sourcesOf } from './surroundings.ts'

const a = clusterNode('a', '192.0.2.1 2001:db8:1::1', '10.244.1.0/24 fd00:10:244:1::/64')
const network = (prefix: string, connected?: number) => ({ prefix: parsePrefix(prefix), connected })
const here = (mode: Mode = 'auto', underlay: 4 | 6 = 4): Surroundings => ({
  mode,
  networks: [
    network('192.0.2.128/25'),
    network('2001:db8:1::/64', 2),
    network('192.0.2.0/24', 2),
    network('0.0.0.0/0'),
    network('::/0'),
  ],
  sources: sourcesOf(a),
  underlay,
})

const own = ['unreachable 10.244.1.0/24 metric 4278198272', 'unreachable fd00:10:244:1::/64 metric 4278198272']

function wanted(here: Surroundings, ...nodes: Parameters<typeof clusterNode>[]) {
  const others = nodes.map(words => clusterNode(...words))
  const { routes, entries, problems, plans } = new DesiredState(a, here).of(others)
  t.strictSame(Array.from(routes.keys()).slice(0, 2), own, 'its own podCIDRs lead nowhere, behind the pods')
  return {
    routes: Array.from(routes.keys()).slice(2),
    entries: Array.from(entries.keys()),
    problems: problems.map(({ message }) => message),
    ways: Array.from(plans.values(), ({ ways }) => ways),
  }
}

t.test('on a network of ours: directly, in both families', async t => {
  t.strictSame(wanted(here(), ['b', '192.0.2.2 2001:db8:1::2', '10.244.2.0/24 fd00:10:244:2::/64']), {
    routes: ['10.244.2.0/24 via 192.0.2.2 dev 2 metric 3', 'fd00:10:244:2::/64 via 2001:db8:1::2 dev 2 metric 1024'],
    entries: [],
    problems: [],
    ways: [{ 4: 'direct', 6: 'direct' }],
  })
})

const tunnelled = [
  '10.244.3.0/24 via 10.244.3.0 dev tunnel onlink src 10.244.1.0 metric 4',
  'fd00:10:244:3::/64 via fe80::94d4:c3ff:fe5c:653a dev tunnel src fd00:10:244:1:: metric 1024',
]
const mac = '96:d4:c3:5c:65:3a'

t.test('elsewhere: through the tunnel, with one next hop a family and one entry for the node', async t => {
  t.strictSame(wanted(here(), ['c', '198.51.100.3 2001:db8:2::3', '10.244.3.0/24 fd00:10:244:3::/64']), {
    routes: tunnelled,
    entries: [`${mac} is on 198.51.100.3`, `10.244.3.0 is ${mac}`, `fe80::94d4:c3ff:fe5c:653a is ${mac}`],
    problems: [],
    ways: [{ 4: 'vxlan', 6: 'vxlan' }],
  })
})

t.test('the tunnel of a cluster that prefers IPv6', async t => {
  const { entries } = wanted(here('auto', 6), ['c', '198.51.100.3 2001:db8:2::3', '10.244.3.0/24'])
  t.strictSame(entries, [`${mac} is on 2001:db8:2::3`, `10.244.3.0 is ${mac}`])
})

t.test('a family that the other node has no address of goes through the tunnel', async t => {
  const { routes, ways } = wanted(here(), ['c', '192.0.2.3', '10.244.3.0/24 fd00:10:244:3::/64'])
  t.strictSame(routes, ['10.244.3.0/24 via 192.0.2.3 dev 2 metric 4', tunnelled[1]])
  t.strictSame(ways, [{ 4: 'direct', 6: 'vxlan' }])
})

t.test('what a longer route leads away from our network is not on it', async t => {
  t.strictSame(wanted(here(), ['c', '192.0.2.200', '10.244.3.0/24']).routes, [tunnelled[0]])
})

t.test('the second address is taken where the first is elsewhere', async t => {
  const { routes } = wanted(here(), ['b', '203.0.113.2 192.0.2.2', '10.244.2.0/24'])
  t.strictSame(routes, ['10.244.2.0/24 via 192.0.2.2 dev 2 metric 3'])
})

t.test('mode vxlan uses no network', async t => {
  t.strictSame(wanted(here('vxlan'), ['c', '192.0.2.3', '10.244.3.0/24']).routes, [tunnelled[0]])
})

t.test('mode direct makes no tunnel, and says whom it does not reach', async t => {
  const found = wanted(here('direct'), ['b', '192.0.2.2', '10.244.2.0/24'], ['c', '198.51.100.3', '10.244.3.0/24'])
  t.strictSame(found, {
    routes: ['10.244.2.0/24 via 192.0.2.2 dev 2 metric 3'],
    entries: [],
    problems: ['there is no way to the IPv4 pods of node c, whose addresses are: 198.51.100.3'],
    ways: [{ 4: 'direct' }, {}],
  })
})

t.test('a node without an address of the tunnel’s family is said to be out of reach', async t => {
  const { routes, entries, problems } = wanted(
    here(),
    ['c', '2001:db8:2::3', '10.244.3.0/24'],
    ['d', '', '10.244.4.0/24'],
  )
  t.strictSame([routes, entries], [[], []])
  t.strictSame(problems, [
    'there is no way to the IPv4 pods of node c, whose addresses are: 2001:db8:2::3',
    'there is no way to the IPv4 pods of node d, whose addresses are: none',
  ])
})

t.test('a node without podCIDRs yet needs nothing', async t => {
  t.strictSame(wanted(here(), ['c', '198.51.100.3', '']), { routes: [], entries: [], problems: [], ways: [{}] })
})

t.test('what one node leaves, another may take in the same step; what did not change stays', async t => {
  const state = new DesiredState(a, here())
  const b = clusterNode('b', '192.0.2.2', '10.244.2.0/24')
  const c = clusterNode('c', '198.51.100.3', '10.244.3.0/24')
  const keys = () => Array.from(state.of(now).routes.keys()).slice(2)
  let now = [b, c]
  t.strictSame(keys(), ['10.244.2.0/24 via 192.0.2.2 dev 2 metric 3', tunnelled[0]])
  now = [clusterNode('b', '192.0.2.2', '10.244.3.0/24'), clusterNode('c', '192.0.2.3', '10.244.2.0/24')]
  t.strictSame(keys(), ['10.244.3.0/24 via 192.0.2.2 dev 2 metric 4', '10.244.2.0/24 via 192.0.2.3 dev 2 metric 3'])
  t.equal(state.of(now).entries.size, 0)
  now = [clusterNode('d', '192.0.2.2', '10.244.3.0/24')]
  t.strictSame(keys(), ['10.244.3.0/24 via 192.0.2.2 dev 2 metric 4'])
  t.strictSame(Array.from(state.of(now).plans.keys()), ['d'])
})

t.test('problems of a node go with it', async t => {
  const state = new DesiredState(a, here('direct'))
  t.equal(state.of([clusterNode('c', '198.51.100.3', '10.244.3.0/24')]).problems.length, 1)
  t.equal(state.of([]).problems.length, 0)
})

import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { noRules, plain } from './alone.ts'
import { differences, needsHostNeighbour, type Observed } from './differences.ts'
import { macAddress } from './interface-name.ts'
import { linkGroup } from './node-table.ts'
import type { PodLink } from './pod-link.ts'

const want: PodLink = {
  hostInterface: 'pw1',
  interfaceName: 'eth0',
  addresses: ['10.1.0.2', 'fd00::2'].map(parseAddress),
  routes: ['0.0.0.0/0', '::/0', '10.1.0.0/24'].map(text => ({ destination: parsePrefix(text) })),
  ...plain,
}
const mac = '02:00:00:00:00:01'
const right = {
  host: {
    link: { index: 7, isUp: true, mac, mtu: 1500, peerIndex: 9, group: linkGroup(noRules) },
    addresses: ['169.254.1.1/32', 'fe80::1/128'],
    routes: [
      { destination: '10.1.0.2/32', gateway: undefined },
      { destination: 'fd00::2/128', gateway: undefined },
    ],
    neighbours: {} as Record<string, string>,
  },
  pod: {
    link: { index: 9, isUp: true, mac: macAddress('pw1 pod'), mtu: 1500, peerIndex: 7, group: 0 },
    addresses: ['10.1.0.2/32', 'fd00::2/128'],
    routes: [
      { destination: '0.0.0.0/0', gateway: '169.254.1.1' },
      { destination: '::/0', gateway: 'fe80::1' },
      { destination: '10.1.0.0/24', gateway: '169.254.1.1' },
    ],
    neighbours: { '169.254.1.1': mac, 'fe80::1': mac } as Record<string, string>,
  },
  isForwarding: { 4: true, 6: true },
}

type Right = typeof right
type Ends = { host?: Partial<Observed['host']>; pod?: Partial<Observed['pod']> }
const seen = ({ host = {}, pod = {} }: Ends, more: Partial<Right> = {}): Observed => ({
  ...right,
  ...more,
  host: { ...right.host, ...host },
  pod: { ...right.pod, ...pod },
})

t.test('what is as it should be has no complaint', async t => {
  t.strictSame(differences(want, right), [])
})

t.test('each damage has its complaint', async t => {
  const { host, pod } = right
  const without = <T>(list: readonly T[], i: number): T[] => list.filter((_, j) => j !== i)
  const damages: [Observed, string][] = [
    [seen({ pod: { link: undefined } }), 'the pod has no interface eth0: it was deleted or renamed'],
    [seen({ host: { link: undefined } }), 'the node has no interface pw1: it was deleted or renamed'],
    [seen({ host: { link: { ...host.link, isUp: false } } }), 'pw1 is down: ip link set pw1 up'],
    [
      seen({ host: { link: { ...host.link, group: 0 } } }),
      'pw1 is in the group 0, and so not held to its own addresses: ip link set pw1 group 1886872577',
    ],
    [seen({ pod: { link: { ...pod.link, isUp: false } } }), "the pod's eth0 is down"],
    [seen({ host: { link: { ...host.link, peerIndex: 8 } } }), "pw1 and the pod's eth0 are not two ends of one pair"],
    [seen({ pod: { link: { ...pod.link, peerIndex: 8 } } }), "pw1 and the pod's eth0 are not two ends of one pair"],
    [seen({ pod: { addresses: without(pod.addresses, 0) } }), "the pod's eth0 lacks its address 10.1.0.2/32"],
    [seen({ pod: { addresses: ['10.1.0.2/24', 'fd00::2/128'] } }), "the pod's eth0 lacks its address 10.1.0.2/32"],
    [seen({ pod: { addresses: without(pod.addresses, 1) } }), "the pod's eth0 lacks its address fd00::2/128"],
    [seen({ host: { routes: without(host.routes, 0) } }), 'the node lacks the route 10.1.0.2/32 dev pw1'],
    [seen({ host: { routes: without(host.routes, 1) } }), 'the node lacks the route fd00::2/128 dev pw1'],
    [seen({ pod: { routes: without(pod.routes, 0) } }), 'the pod lacks the route 0.0.0.0/0 via 169.254.1.1 dev eth0'],
    [
      seen({ pod: { routes: [{ destination: '0.0.0.0/0', gateway: '10.1.0.1' }, ...without(pod.routes, 0)] } }),
      'the pod lacks the route 0.0.0.0/0 via 169.254.1.1 dev eth0',
    ],
    [seen({ pod: { routes: without(pod.routes, 1) } }), 'the pod lacks the route ::/0 via fe80::1 dev eth0'],
    [
      seen({ pod: { neighbours: { 'fe80::1': mac } } }),
      `the pod's neighbour entry for 169.254.1.1 is missing, not ${mac}`,
    ],
    [
      seen({ pod: { neighbours: { ...pod.neighbours, 'fe80::1': '02:00:00:00:00:99' } } }),
      `the pod's neighbour entry for fe80::1 is 02:00:00:00:00:99, not ${mac}`,
    ],
    [seen({ host: { addresses: ['fe80::1/128'] } }), 'pw1 lacks its address 169.254.1.1/32'],
    [seen({ host: { addresses: ['169.254.1.1/32'] } }), 'pw1 lacks its address fe80::1/128'],
    [
      seen({}, { isForwarding: { 4: false, 6: true } }),
      'the node does not forward IPv4: sysctl -w net.ipv4.ip_forward=1',
    ],
    [
      seen({}, { isForwarding: { 4: true, 6: false } }),
      'the node does not forward IPv6: sysctl -w net.ipv6.conf.all.forwarding=1',
    ],
  ]
  for (const [observed, complaint] of damages) t.strictSame(differences(want, observed), [complaint])
})

t.test('several damages are told at once', async t => {
  const observed = seen({ pod: { addresses: [], neighbours: {} } }, { isForwarding: { 4: false, 6: false } })
  t.equal(differences(want, observed).length, 6)
})

t.test('what a later plugin may change is no difference', async t => {
  const { host, pod } = right
  const tolerated: Observed[] = [
    seen({ host: { link: { ...host.link, mtu: 9000 } }, pod: { link: { ...pod.link, mtu: 1280 } } }),
    seen({ pod: { link: { ...pod.link, mac: 'c2:00:00:00:00:01' } } }),
    seen({ pod: { link: { ...pod.link, mac: 'c2:00:00:00:00:01' }, neighbours: {} } }),
    seen({ pod: { addresses: ['192.0.2.7/24', ...pod.addresses] } }),
    seen({ pod: { routes: [{ destination: '192.0.2.0/24', gateway: undefined }, ...pod.routes] } }),
    seen({ host: { neighbours: { '10.1.0.2': 'c2:00:00:00:00:01' } } }),
  ]
  for (const observed of tolerated) t.strictSame(differences(want, observed), [])
})

t.test('of the family that a pod lacks nothing is asked', async t => {
  const four = { ...want, addresses: want.addresses.slice(0, 1), routes: want.routes.slice(0, 1) }
  const observed = seen(
    { host: { addresses: ['169.254.1.1/32'] }, pod: { neighbours: { '169.254.1.1': mac } } },
    { isForwarding: { 4: true, 6: false } },
  )
  t.strictSame(differences(four, observed), [])
})

t.test('a pod without an IPv4 default route needs a neighbour entry on the node', async t => {
  const few = { ...want, routes: want.routes.slice(1) }
  t.strictSame(differences(few, right), ['the node lacks the neighbour entry for 10.1.0.2 on pw1'])
  t.strictSame(differences(few, seen({ host: { neighbours: { '10.1.0.2': mac } } })), [])
  t.equal(needsHostNeighbour(few, 4), true)
  t.equal(needsHostNeighbour(want, 4), false)
  t.equal(needsHostNeighbour({ routes: [] }, 6), false)
})

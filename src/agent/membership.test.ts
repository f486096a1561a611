import t from 'tap'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix, parsePrefix } from '../ip/prefix.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { Judge, membership } from './membership.ts'

const eth0 = { prefix: parsePrefix('192.0.2.0/24'), interfaceName: 'eth0' }
const docker0 = { prefix: parsePrefix('172.17.0.0/16'), interfaceName: 'docker0' }
const a = clusterNode('a', '192.0.2.1 2001:db8::1', '10.244.1.0/24 fd00:10:244:1::/64', 1)
const b = clusterNode('b', '192.0.2.2 2001:db8::2', '10.244.2.0/24 fd00:10:244:2::/64', 2)

const keeps = (nodes: ReturnType<typeof membership>) =>
  nodes.members.map(({ name, addresses, podCidrs }) =>
    [name, ...addresses.map(formatAddress), ...podCidrs.map(formatPrefix)].join(' '),
  )

t.test('who keeps everything is the same object; this node is told from the others', async t => {
  const { self, others, problems } = membership([b, a], 'a', new Judge([eth0, docker0]))
  t.equal(self, a)
  t.equal(others[0], b)
  t.strictSame(problems, [])
})

t.test('a list without this node says so', async t => {
  t.equal(membership([b], 'a', new Judge([])).self, undefined)
})

const refused: Record<
  string,
  [nodes: Parameters<typeof membership>[0], kept: string[], code: string, message: string]
> = {
  'of two that claim one podCIDR, the older keeps it, and the younger what else it has': [
    [clusterNode('young', '192.0.2.3', '10.244.1.0/24 fd00:10:244:3::/64', 9), a],
    ['a 192.0.2.1 2001:db8::1 10.244.1.0/24 fd00:10:244:1::/64', 'young 192.0.2.3 fd00:10:244:3::/64'],
    'CIDR_REFUSED',
    "node young's podCIDR 10.244.1.0/24 overlaps with node a, which keeps it",
  ],
  'of equal age, the first by name': [
    [clusterNode('y', '', '10.244.0.0/16'), clusterNode('x', '', '10.244.7.0/24')],
    ['x 10.244.7.0/24', 'y'],
    'CIDR_REFUSED',
    "node y's podCIDR 10.244.0.0/16 overlaps with node x, which keeps it",
  ],
  'what overlaps with a network of this node is refused, its own as well': [
    [clusterNode('a', '192.0.2.1', '172.17.8.0/24')],
    ['a 192.0.2.1'],
    'CIDR_REFUSED',
    "node a's podCIDR 172.17.8.0/24 overlaps with the network of docker0, which keeps it",
  ],
  'what holds a node is no podCIDR': [
    [a, clusterNode('c', '198.51.100.3', '198.51.100.0/24', 3)],
    ['a 192.0.2.1 2001:db8::1 10.244.1.0/24 fd00:10:244:1::/64', 'c 198.51.100.3'],
    'CIDR_REFUSED',
    "node c's podCIDR 198.51.100.0/24 overlaps with node c's address, which keeps it",
  ],
  'a younger node whose address is a pod’s takes nothing from the older': [
    [a, clusterNode('c', '10.244.1.9 198.51.100.3', '10.244.3.0/24', 3)],
    ['a 192.0.2.1 2001:db8::1 10.244.1.0/24 fd00:10:244:1::/64', 'c 198.51.100.3 10.244.3.0/24'],
    'NODE_INVALID',
    "node c's address 10.244.1.9 is inside the podCIDR of node a, and is not used",
  ],
  'of two with one name the older counts': [
    [a, clusterNode('a', '192.0.2.9', '10.244.9.0/24', 9)],
    ['a 192.0.2.1 2001:db8::1 10.244.1.0/24 fd00:10:244:1::/64'],
    'NODE_INVALID',
    'there are two nodes a: the older counts',
  ],
}

for (const [name, [nodes, kept, code, message]] of Object.entries(refused)) {
  t.test(name, async t => {
    const found = membership(nodes, 'a', new Judge([eth0, docker0]))
    t.strictSame(keeps(found), kept)
    t.match(found.problems, [{ code, message }])
    t.equal(found.problems.length, 1)
  })
}

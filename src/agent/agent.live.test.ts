import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { isFeatureOn } from '../ethtool/device-features.ts'
import { NETLINK_GENERIC } from '../ethtool/features.ts'
import { Connection } from '../netlink/connection.ts'
import { Namespace } from '../netns/namespace.ts'
import { Problem } from '../problem.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { HandedNodes } from '../testing/handed-nodes.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { run } from '../testing/throw-away-node.ts'
import { Agent, type Report } from './agent.ts'
import type { Mode } from './surroundings.ts'
import { tunnelChecksums } from './tunnel-checksums.ts'

const a = clusterNode('a', '192.0.2.1 2001:db8:1::1', '10.244.1.0/24 fd00:10:244:1::/64', 1)
const b = clusterNode('b', '192.0.2.2 2001:db8:1::2', '10.244.2.0/24 fd00:10:244:2::/64', 2)
const c = clusterNode('c', '198.51.100.3 2001:db8:2::3', '10.244.3.0/24 fd00:10:244:3::/64', 3)

/** Node a on its network, and an agent on it. */
function start(
  t: Test,
  { mode = 'auto' as Mode, everyMs = 60_000, before = (_path: string): void => {}, hasOffload = true } = {},
) {
  const path = throwAwayNamespace(t)
  const ip = (words: string) => run(`ip ${words}`, path)
  ip('link set lo up')
  ip('link add eth0 type veth peer name peer0')
  ip('link set peer0 up')
  ip('link set eth0 up')
  ip('address add 192.0.2.1/24 dev eth0')
  ip('address add 2001:db8:1::1/64 dev eth0 nodad')
  ip('route add default via 192.0.2.254')
  before(path)
  const reports: Report[] = []
  const said: string[] = []
  const source = new HandedNodes()
  const log = {
    info: (_fields: object, message: string) => void said.push(message),
    warn: (_fields: object, message: string) => void said.push(message),
    error: (_fields: object, message: string) => void said.push(message),
  }
  using namespace = Namespace.open(path)
  const options = { ownName: 'a', mode, tunnel: { id: 7963, port: 4789 }, everyMs }
  const onPass = (report: Report) => void reports.push(report)
  const agent = namespace.inside(() => {
    const duties = hasOffload ? [] : [tunnelChecksums(Connection.open(NETLINK_GENERIC))]
    return new Agent(options, { source, log, onPass, duties })
  })
  t.teardown(() => agent[Symbol.dispose]())
  const routes = (family = 4) =>
    ip(`-${family} route show proto 113`)
      .split('\n')
      .map(line => line.replace(/ metric \d+/, '').trim())
      .filter(line => line !== '' && !line.startsWith('unreachable'))
  const pass = async (count = reports.length + 1): Promise<Report> => {
    for (const end = Date.now() + 10_000; reports.length < count && Date.now() < end; ) await sleep(2)
    const report = reports[count - 1]
    if (report === undefined) throw new Error(`pass ${count} did not come; said: ${said.join('; ')}`)
    return report
  }
  const until = async (isSo: () => boolean): Promise<boolean> => {
    for (const end = Date.now() + 10_000; !isSo() && Date.now() < end; ) await sleep(10)
    return isSo()
  }
  return { ip, source, reports, said, routes, pass, until, agent, path }
}

const direct = '10.244.2.0/24 via 192.0.2.2 dev eth0'
const tunnelled = '10.244.3.0/24 via 10.244.3.0 dev podwire-vxlan src 10.244.1.0 onlink'

t.test('routes, tunnel and entries, and a second time nothing', needsRoot, async t => {
  const { ip, path, source, routes, pass } = start(t)
  source.hand(a, b, c)
  const first = await pass()
  t.match(first, { routesWanted: 6, routesPresent: 6, complaints: [], triggers: ['start'] })
  t.strictSame(routes(4), [direct, tunnelled])
  t.match(routes(6), [
    /^fd00:10:244:2::\/64 via 2001:db8:1::2 dev eth0/,
    /^fd00:10:244:3::\/64 via fe80::94d4:c3ff:fe5c:653a dev podwire-vxlan src fd00:10:244:1::/,
  ])
  t.match(ip('route'), /^unreachable 10.244.1.0\/24 proto 113 metric 4278198272/m)
  t.match(ip('-6 route'), /^unreachable fd00:10:244:1::\/64 dev lo proto 113 metric 4278198272/m)
  const neighbours = ip('neighbour show dev podwire-vxlan')
  t.match(neighbours, /^10.244.3.0 lladdr 96:d4:c3:5c:65:3a PERMANENT/m)
  t.match(neighbours, /^fe80::94d4:c3ff:fe5c:653a lladdr 96:d4:c3:5c:65:3a PERMANENT/m)
  t.equal(run('bridge fdb show dev podwire-vxlan', path).trim(), '96:d4:c3:5c:65:3a dst 198.51.100.3 self permanent')
  t.match(ip('-d link show podwire-vxlan'), /mtu 1450 .*vxlan id 7963 local 192.0.2.1 .*dstport 4789 nolearning/s)
  t.match(ip('address show dev podwire-vxlan'), /inet 10.244.1.0\/32 .*inet6 fd00:10:244:1::\/128/s)
  t.notMatch(ip('address show dev podwire-vxlan'), /fe80/)
  source.hand(a, b, c)
  t.equal((await pass(2)).changes, 0)
  source.hand(a, clusterNode('b', '192.0.2.2 2001:db8:1::2', '10.244.2.0/24 fd00:10:244:2::/64', 2), c)
  t.equal((await pass(3)).changes, 0, 'a node that says the same again')
})

t.test('what our own changes make the kernel say wakes no pass', needsRoot, async t => {
  const { source, reports, pass } = start(t)
  source.hand(a, b, c)
  await pass()
  await sleep(400)
  t.equal(reports.length, 1)
})

t.test('a node that left, moved, changed its podCIDR, or both', needsRoot, async t => {
  const { ip, path, source, routes, pass } = start(t)
  source.hand(a, b, c)
  await pass(1)
  source.hand(a, clusterNode('b', '192.0.2.9 2001:db8:1::9', '10.244.2.0/24 fd00:10:244:2::/64', 2), c)
  t.match(await pass(2), { changes: 2, complaints: [] })
  t.strictSame(routes(), ['10.244.2.0/24 via 192.0.2.9 dev eth0', tunnelled])
  source.hand(a, clusterNode('b', '192.0.2.9 2001:db8:1::9', '10.244.22.0/24', 2), c)
  await pass(3)
  t.strictSame(routes(), [tunnelled, '10.244.22.0/24 via 192.0.2.9 dev eth0'])
  source.hand(a, clusterNode('b', '198.51.100.2', '10.244.23.0/24', 2), c)
  await pass(4)
  t.strictSame(routes(), [tunnelled, '10.244.23.0/24 via 10.244.23.0 dev podwire-vxlan src 10.244.1.0 onlink'])
  source.hand(a, clusterNode('b', '198.51.100.22', '10.244.23.0/24', 2))
  t.match(await pass(5), { complaints: [] })
  t.strictSame(routes(), ['10.244.23.0/24 via 10.244.23.0 dev podwire-vxlan src 10.244.1.0 onlink'])
  t.match(run('bridge fdb show dev podwire-vxlan', path), /^\S+ dst 198.51.100.22 self permanent\s*$/)
  source.hand(a)
  await pass(6)
  t.strictSame([...routes(4), ...routes(6)], [])
  t.notMatch(ip('link'), /podwire-vxlan/, 'nobody needs the tunnel any more')
})

t.test('what somebody takes away comes back without the clock, and neighbours with it', needsRoot, async t => {
  const { ip, source, routes, pass, until } = start(t)
  source.hand(a, b, c)
  await pass()
  const whole = () =>
    JSON.stringify([routes(4), routes(6), ip('neighbour show dev podwire-vxlan').trim().split('\n').sort()])
  const before = whole()
  const isBack = () => {
    try {
      return whole() === before
    } catch {
      return false
    }
  }
  for (const deed of [
    'route delete 10.244.2.0/24',
    'route flush proto 113',
    '-6 route flush proto 113',
    'link delete podwire-vxlan',
    'link set podwire-vxlan down',
    'address flush dev podwire-vxlan',
  ]) {
    ip(deed)
    // Which would look after a minute.
    t.ok(await until(isBack), deed)
  }
  ip('link set podwire-vxlan mtu 1300')
  t.ok(await until(() => /mtu 1450/.test(ip('link show podwire-vxlan'))), 'its MTU')
})

t.test('a sweep finds what nobody announces', needsRoot, async t => {
  const { ip, source, pass, until } = start(t, { everyMs: 300 })
  source.hand(a, b, c)
  await pass()
  ip('neighbour delete 10.244.3.0 dev podwire-vxlan')
  t.ok(await until(() => /10.244.3.0 lladdr 96:d4/.test(ip('neighbour show dev podwire-vxlan'))))
})

t.test('the interface loses its address and gets another', needsRoot, async t => {
  const { ip, source, routes, pass, until } = start(t)
  source.hand(a, b)
  await pass()
  ip('address add 203.0.113.1/24 dev eth0')
  ip('address delete 192.0.2.1/24 dev eth0')
  source.hand(clusterNode('a', '203.0.113.1', '10.244.1.0/24', 1), clusterNode('b', '203.0.113.2', '10.244.2.0/24', 2))
  t.ok(await until(() => routes().join() === '10.244.2.0/24 via 203.0.113.2 dev eth0'))
})

t.test('at the start, routes of nodes that are gone go', needsRoot, async t => {
  const before = (path: string) => {
    run('ip route add 10.244.9.0/24 via 192.0.2.9 proto 113', path)
    run('ip route add 10.244.2.0/24 via 192.0.2.99 proto 113', path)
    run('ip route add 10.244.8.0/24 via 192.0.2.8', path)
  }
  const { ip, source, routes, pass } = start(t, { before })
  await sleep(50)
  t.match(routes(), [/10.244.2.0/, /10.244.9.0/], 'not before the list is there')
  source.hand(a, b)
  await pass()
  t.strictSame(routes(), [direct])
  t.match(ip('route'), /10.244.8.0\/24 via 192.0.2.8/, 'a route of somebody else stays')
})

t.test('a route of somebody else is left alone, said, and made up for once it is gone', needsRoot, async t => {
  const before = (path: string) => void run('ip route add 10.244.2.0/24 via 192.0.2.77 metric 5', path)
  const { ip, source, said, routes, pass, until } = start(t, { before })
  source.hand(a, b)
  t.match(await pass(), { complaints: [{ code: 'ROUTE_FOREIGN' }] })
  t.strictSame(routes(), [])
  t.match(ip('route'), /10.244.2.0\/24 via 192.0.2.77 dev eth0 metric 5/)
  ip('route delete 10.244.2.0/24')
  t.ok(await until(() => routes().join() === direct))
  t.ok(
    said.some(message => message.startsWith('over: ')),
    'and said to be over',
  )
})

t.test('a list without this node changes nothing', needsRoot, async t => {
  const { source, routes, pass } = start(t)
  source.hand(a, b)
  await pass(1)
  source.hand(b, c)
  t.match(await pass(2), { changes: 0, complaints: [{ code: 'NODE_UNKNOWN' }] })
  t.strictSame(routes(), [direct])
  source.hand()
  t.match(await pass(3), { changes: 0, complaints: [{ code: 'NODE_UNKNOWN' }] })
  t.strictSame(routes(), [direct])
})

t.test('without a tunnel, direct routes go on and the rest is said', needsRoot, async t => {
  const before = (path: string) => {
    run('ip link add other type vxlan id 7963 local 192.0.2.1 dstport 4789 nolearning', path)
    run('ip link set other up', path)
  }
  const { source, routes, pass } = start(t, { before })
  source.hand(a, b, c)
  const { complaints } = await pass()
  t.match(complaints, [{ code: 'TUNNEL_UNAVAILABLE', message: /EEXIST/ }])
  t.strictSame(routes(), [direct])
})

t.test('a podCIDR in this node’s own network is refused, and nothing else', needsRoot, async t => {
  const { source, routes, pass } = start(t)
  source.hand(a, clusterNode('b', '192.0.2.2', '192.0.2.0/25 fd00:10:244:2::/64', 2), c)
  const { complaints } = await pass()
  t.match(complaints, [
    {
      code: 'CIDR_REFUSED',
      message: "node b's podCIDR 192.0.2.0/25 overlaps with the network of eth0, which keeps it",
    },
  ])
  t.strictSame(routes(), [tunnelled])
  t.match(routes(6), [/^fd00:10:244:2::\/64 via fe80/, /^fd00:10:244:3::/])
})

t.test('checksum offload is left as it is, or kept off', needsRoot, async t => {
  for (const hasOffload of [true, false]) {
    const { ip, path, source, pass, until } = start(t, { hasOffload })
    using namespace = Namespace.open(path)
    using connection = namespace.inside(() => Connection.open(NETLINK_GENERIC))
    const isOn = () => isFeatureOn(connection, 'podwire-vxlan', 'tx-checksum-ip-generic')
    source.hand(a, b)
    t.match(await pass(), { complaints: [] }, 'no tunnel is no trouble')
    source.hand(a, b, c)
    t.match(await pass(2), { complaints: [] })
    t.equal(isOn(), hasOffload)
    ip('link delete podwire-vxlan')
    t.ok(
      await until(() => ip('-brief link').includes('podwire-vxlan') && isOn() === hasOffload),
      'of the next one, too',
    )
  }
})

t.test('trouble of the source is said once, and over with the next list', needsRoot, async t => {
  const { source, said, pass } = start(t)
  source.hand(a, b)
  await pass(1)
  for (let i = 0; i < 3; i++) source.trouble(new Problem('NODES_UNREADABLE', 'the list is gone'))
  source.hand(a, b)
  await pass(2)
  t.strictSame(
    said.filter(message => /the list is gone/.test(message)),
    ['the list is gone', 'over: the list is gone'],
  )
})

t.test('what it made stays when it ends', needsRoot, async t => {
  const { source, routes, pass, agent, ip } = start(t)
  source.hand(a, b, c)
  await pass()
  agent[Symbol.dispose]()
  t.strictSame(routes(), [direct, tunnelled])
  ip('route flush proto 113')
  await sleep(200)
  t.strictSame(routes(), [], 'and nobody keeps it')
})

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import {
  type ClusterNamespace,
  type NodeEntry,
  nodeEntry,
  spawnIn,
  ThrowAwayCluster,
} from '../testing/throw-away-cluster.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { attempt, reaches } from '../testing/throw-away-node.ts'

const START_MS = 20_000

/** Three nodes, the first two on one network, and how an agent is started on each. */
function cluster(t: Test) {
  const lans = new ThrowAwayCluster(t)
  const nodes: ClusterNamespace[] = [lans.node(1, 1), lans.node(2, 1), lans.node(3, 2)]
  const directory = t.testdir()
  const file = join(directory, 'nodes.json')
  const write = (...entries: readonly NodeEntry[]) => {
    writeFileSync(`${file}.new`, JSON.stringify(entries))
    renameSync(`${file}.new`, file)
  }
  const conflist = ({ number }: ClusterNamespace) => join(directory, `${number}.conflist`)
  const run = ({ number }: ClusterNamespace) => join(directory, `run${number}`)
  const agent = (node: ClusterNamespace) => {
    const options = ['--nodes', file, '--node', `node${node.number}`, '--conflist', conflist(node)]
    return spawnIn(t, node.path, [process.execPath, 'src/cli/main.ts', 'agent', ...options, '--state', run(node)])
  }
  const state = (node: ClusterNamespace) => join(run(node), 'agent.json')
  return { lans, nodes, write, agent, conflist, state }
}

const entries = [nodeEntry(1, 1), nodeEntry(2, 1), nodeEntry(3, 2)]

async function until(isSo: () => boolean): Promise<boolean> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(20)) if (isSo()) return true
  return isSo()
}

/** "node1 10.244.2.5": which pods or nodes do not reach which pods. */
function silences(nodes: readonly ClusterNamespace[]): string[] {
  return nodes.flatMap(from =>
    nodes
      .filter(to => to !== from)
      .flatMap(to => to.podAddresses)
      .flatMap(address => [
        ...(reaches(address, from.pod) ? [] : [`pod of ${from.number} to ${address}`]),
        ...(reaches(address, from.path) ? [] : [`node ${from.number} to ${address}`]),
      ]),
  )
}

const nodeRoutes = (node: ClusterNamespace): string =>
  `${node.ip('-4 route show proto 113')}${node.ip('-6 route show proto 113')}`

const hasRoutes = (nodes: readonly ClusterNamespace[], count: number): boolean =>
  nodes.every(node => nodeRoutes(node).trim().split('\n').length === count)

const isWaiting = (state: string): boolean => /not finished its first pass/.test(readFileSync(state, 'utf8'))

/** Whether a monitor is at work: it hears of what means nothing to an agent. */
function hears(node: ClusterNamespace, said = () => ''): boolean {
  node.ip(`link set lo alias ${Date.now()}`)
  return said().includes(': lo:')
}

/** Of the echoes up to the last that came, how many did not. */
function missing(pings: string): number {
  const numbers = Array.from(pings.matchAll(/icmp_seq=(\d+) .*time=/g), ([, number]) => Number(number))
  return numbers.length < 50 ? Number.POSITIVE_INFINITY : Math.max(...numbers) - new Set(numbers).size
}

/** Packets that found the queue of a CPU full, which all namespaces share: whatever else ran, it was no agent's doing. */
function droppedByMachine(): number {
  const lines = readFileSync('/proc/net/softnet_stat', 'utf8').trim().split('\n')
  return lines.reduce((sum, line) => sum + Number.parseInt(line.split(' ')[1] ?? '0', 16), 0)
}

t.test('every pod and node reaches every pod, full-size packets and strict rp_filter included', needsRoot, async t => {
  const { nodes, write, agent, lans, conflist } = cluster(t)
  write(...entries)
  for (const node of nodes) agent(node)
  t.ok(await until(() => hasRoutes(nodes, 6)), 'routes')
  t.strictSame(silences(nodes), [])
  const [one, two, three] = nodes as [ClusterNamespace, ClusterNamespace, ClusterNamespace]
  t.match(nodeRoutes(one), /10.244.2.0\/24 via 192.0.2.2 dev eth0/, 'directly on one network')
  t.match(nodeRoutes(one), /10.244.3.0\/24 via 10.244.3.0 dev podwire-vxlan/, 'through the tunnel to another')
  for (const to of [two, three]) {
    const [v4, v6] = to.podAddresses
    t.match(attempt(`ping -n -c 1 -W 3 -M do -s ${1450 - 28} ${v4}`, one.pod), { code: 0 }, 'IPv4 of 1450 bytes')
    t.match(attempt(`ping -n -c 1 -W 3 -M do -s ${1450 - 48} ${v6}`, one.pod), { code: 0 }, 'IPv6 of 1450 bytes')
  }
  t.match(
    attempt(`ping -n -c 1 -W 3 -M do -s ${1451 - 28} ${three.podAddresses[0]}`, one.path),
    { code: 1 },
    'not one byte more',
  )
  t.match(
    attempt('ping -n -c 1 -W 3 10.244.1.77', one.pod).stdout,
    /Unreachable/,
    'an address that no pod has is unreachable at once',
  )

  const { plugins } = JSON.parse(readFileSync(conflist(one), 'utf8'))
  t.match(plugins, [
    { mtu: 1450, ipam: { ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:10:244:1::/64' }]] } },
  ])

  await t.test('a node that joins, and one that leaves', async t => {
    const four = lans.node(4, 2)
    agent(four)
    write(...entries, nodeEntry(4, 2))
    t.ok(await until(() => hasRoutes([...nodes, four], 8)))
    t.strictSame(silences([...nodes, four]), [])
    write(nodeEntry(1, 1), nodeEntry(3, 2), nodeEntry(4, 2))
    t.ok(await until(() => hasRoutes([one, three, four], 6)), 'its routes are gone')
    t.strictSame(silences([one, three, four]), [])
  })
})

t.test('a node that moves to another network', needsRoot, async t => {
  const { nodes, write, agent, lans } = cluster(t)
  write(...entries)
  for (const node of nodes) agent(node)
  t.ok(await until(() => hasRoutes(nodes, 6)))
  const [one, two] = nodes as [ClusterNamespace, ClusterNamespace]
  lans.connect(two, 2, 22)
  write(nodeEntry(1, 1), nodeEntry(2, 2, 22), nodeEntry(3, 2))
  t.ok(await until(() => /10.244.2.0\/24 via 10.244.2.0 dev podwire-vxlan/.test(nodeRoutes(one))))
  t.ok(await until(() => silences(nodes).length === 0), silences(nodes).join())
})

t.test('kill -9 and a new start change nothing, and lose no packet', needsRoot, async t => {
  const { nodes, write, agent, state } = cluster(t)
  write(...entries)
  const agents = nodes.map(agent)
  t.ok(await until(() => hasRoutes(nodes, 6)))
  const [one, , three] = nodes as [ClusterNamespace, ClusterNamespace, ClusterNamespace]
  t.strictSame(silences(nodes), [])
  const droppedBefore = droppedByMachine()
  const pings = three.podAddresses.map(address => spawnIn(t, one.pod, ['ping', '-n', '-i', '0.01', address]))
  await sleep(300)
  for (const { child } of agents) child.kill('SIGKILL')
  for (const { outcome } of agents) await outcome
  const monitors = nodes.map(node =>
    spawnIn(t, node.path, ['ip', '-o', 'monitor', 'link', 'address', 'route', 'neigh']),
  )
  t.ok(await until(() => nodes.every((node, at) => hears(node, monitors[at]?.said))), 'they hear')
  for (const node of nodes) rmSync(state(node))
  for (const node of nodes) agent(node)
  t.ok(await until(() => nodes.every(node => existsSync(state(node)) && !isWaiting(state(node)))), 'a pass each')
  await sleep(300)
  for (const { child } of pings) child.kill('SIGINT')
  const lost = (await Promise.all(pings.map(({ outcome }) => outcome))).map(({ stdout }) => missing(stdout))
  const dropped = droppedByMachine() - droppedBefore
  t.ok(Math.max(...lost) <= dropped, `${lost.join(' and ')} lost, ${dropped} dropped by the machine`)
  const ours = monitors.flatMap(({ said }) =>
    said()
      .split('\n')
      .filter(line => /podwire-vxlan|proto 113/.test(line)),
  )
  t.strictSame(ours, [])
})

t.test('a node that left while no agent looked loses its routes at the next start', needsRoot, async t => {
  const { nodes, write, agent } = cluster(t)
  const [one] = nodes as [ClusterNamespace]
  write(...entries)
  const { child, outcome } = agent(one)
  t.ok(await until(() => hasRoutes([one], 6)))
  child.kill('SIGTERM')
  const start = performance.now()
  t.match(await outcome, { code: 0, stdout: /routes stay/ })
  t.ok(performance.now() - start < 10_000, 'ends well before a kubelet loses patience')
  t.ok(hasRoutes([one], 6), 'its routes stay')
  write(nodeEntry(1, 1), nodeEntry(3, 2))
  await sleep(200)
  t.ok(hasRoutes([one], 6))
  agent(one)
  t.ok(await until(() => hasRoutes([one], 4)))
})

t.test('without the right to change the network it ends, and says what it needs', needsRoot, async t => {
  const words = ['agent', '--nodes', '/dev/null', '--node', 'node1', '--conflist', 'none', '--state', t.testdir()]
  const { outcome } = spawnIn(t, throwAwayNamespace(t), [
    ...['setpriv', '--bounding-set', '-net_admin', process.execPath, '--no-warnings', 'src/cli/main.ts'],
    ...words,
  ])
  const needs = /^podwire agent: this process may not change .*: it needs root, or NET_ADMIN and SYS_ADMIN/
  t.match(await outcome, { code: 1, stdout: needs })
})

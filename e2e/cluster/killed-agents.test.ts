// Agents are killed at random for a minute, while pods come and go: no packet of what flows is lost, every pod that comes works, and nothing is left.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { seed, seeded } from '../seeded.ts'
import { until } from '../until.ts'
import type { Node } from './cluster.ts'
import { LocalCluster } from './local-cluster.ts'
import type { LocalNode } from './local-node.ts'
import { outcome } from './outcome.ts'
import { namespaceOf } from './pod-namespace.ts'
import { podTraces } from './pod-traces.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster } from './start-cluster.ts'
import { apply, askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const skip = process.env['PODWIRE_CLUSTER'] ? 'runs on the local cluster' : lacksCluster('dual-stack')
const minute = 60_000

/** What an agent has made on its node, and might leave half made. */
const agentTraces = (node: Node): string[] =>
  node
    .shell(`ip -4 route show proto 113; ip -6 route show proto 113; ip -br link show type vxlan
      bridge fdb show dev podwire-vxlan; ip neighbour show nud permanent
      find /run/podwire /etc/cni/net.d -type f -not -path '*/ipam/*'`)
    .split('\n')
    .map(line => line.trim())
const tracesOf = (nodes: readonly Node[]): string[][] =>
  nodes.map(node => [...agentTraces(node), ...podTraces(node)].toSorted())

t.test('agents killed at random for a minute', { skip }, async t => {
  t.comment(`PODWIRE_SEED=${seed}`)
  await using cluster = await LocalCluster.start({ nodes: 3, segments: 2, maxRestartSeconds: 1 })
  const nodes = cluster.nodes as readonly LocalNode[] as [LocalNode, LocalNode, LocalNode]
  await applyPodwire(cluster)
  await loadAgnhost(cluster)
  const stays = ({ name }: Node): string => `stays-${name}`
  await run(
    cluster,
    nodes.map(node => podObject({ name: stays(node), node: node.name })),
  )
  const stayers = new Map<Node, string[]>()
  for (const node of nodes) stayers.set(node, await podAddresses(cluster, stays(node)))
  const before = tracesOf(nodes)

  const [one] = nodes
  const pod = namespaceOf(one, stayers.get(one)?.[0] ?? '')
  const ping = (address: string) =>
    outcome(...one.machine.enter('nsenter', `--net=${pod}`, 'ping', '-q', '-i0.05', '-c1200', '-W5', address))
  const targets = nodes.slice(1).flatMap(node => stayers.get(node) ?? [])
  const probes = Promise.all(targets.map(ping))
  const end = performance.now() + minute
  let kills = 0
  let pods = 0

  async function kill(): Promise<void> {
    const random = seeded('kill')
    while (performance.now() < end) {
      const node = nodes[Math.trunc(random() * nodes.length)] ?? one
      if (node.attempt('pkill', ['-KILL', '-f', '^/opt/podwire/podwire agent']).code === 0) kills++
      await sleep(random() * 1500)
    }
  }

  async function comeAndGo(who: string): Promise<void> {
    const random = seeded(who)
    for (let round = 0; performance.now() < end; round++) {
      const name = `${who}-${round}`
      const at = Math.trunc(random() * nodes.length)
      const [node = one, asks = one] = [nodes[at], nodes[(at + 1) % nodes.length]]
      await apply(cluster, [podObject({ name, node: node.name })])
      await cluster.kubectl(['wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s'])
      for (const [index, address] of (await podAddresses(cluster, name)).entries()) {
        const from = stayers.get(asks)?.[index] ?? ''
        const isReached = () => askFromPod(asks, from, { address }, 'hostname') === name
        await until(`${name} on ${node.name}, ${address}, is reached from ${asks.name}`, isReached)
      }
      await cluster.kubectl(['delete', 'pod', name, '--wait=false'])
      pods++
    }
  }

  await Promise.all([kill(), comeAndGo('red'), comeAndGo('green')])
  for (const { stdout } of await probes) t.match(stdout, ' 0% packet loss', /\d+ packets.*/.exec(stdout)?.[0] ?? stdout)
  t.ok(kills > 9, `${kills} kills`)
  t.ok(pods > 4, `${pods} pods came, worked in both families from another node, and went`)
  await cluster.kubectl(['rollout', 'status', 'daemonset/podwire', '--namespace', 'kube-system', '--timeout=120s'])
  const names = async () => (await cluster.kubectl(['get', 'pods', '-o', 'name'])).trim().split('\n')
  await until('they are gone', async () => (await names()).length === nodes.length, 60)
  const isAsBefore = (): boolean => tracesOf(nodes).join() === before.join()
  await until('nothing is left of them', isAsBefore, 60).catch(() => {})
  t.strictSame(tracesOf(nodes), before, 'nothing is left, and nothing is missing')
})

// What the bandwidth annotations of a pod say holds between nodes, both ways and in both families.
import t from 'tap'
import { type Ends, hasRate, throughput } from '../throughput.ts'
import { lacks } from '../tools.ts'
import { LocalCluster } from './local-cluster.ts'
import type { LocalNode } from './local-node.ts'
import { namespaceOf } from './pod-namespace.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster } from './start-cluster.ts'
import { loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const skip = process.env['PODWIRE_CLUSTER']
  ? 'runs on the local cluster'
  : lacksCluster('dual-stack') || lacks('tc', 'iperf3')
const mbit = 1_000_000

t.test('bandwidth annotations', { skip }, async t => {
  await using cluster = await LocalCluster.start({ nodes: 2 })
  const [one, two] = cluster.nodes as readonly LocalNode[] as [LocalNode, LocalNode]
  await applyPodwire(cluster)
  await loadAgnhost(cluster)
  const annotations = { 'kubernetes.io/ingress-bandwidth': '20M', 'kubernetes.io/egress-bandwidth': '10M' }
  await run(cluster, [
    podObject({ name: 'limited', node: one.name, annotations }),
    podObject({ name: 'free', node: one.name }),
    podObject({ name: 'far', node: two.name }),
  ])
  const inPod = async (name: string, node: LocalNode): Promise<Ends['client']> => {
    const [address = ''] = await podAddresses(cluster, name)
    const netns = namespaceOf(node, address)
    return (...command) => node.machine.enter('nsenter', `--net=${netns}`, ...command)
  }
  const server = await inPod('far', two)
  const limited = { client: await inPod('limited', one), server }
  const addresses = await podAddresses(cluster, 'far')
  t.equal(addresses.length, 2)
  for (const address of addresses) {
    await hasRate(t, limited, 10 * mbit, address, '--omit', '1')
    await hasRate(t, limited, 20 * mbit, address, '--omit', '1', '--reverse')
  }
  const others = await throughput({ client: await inPod('free', one), server }, addresses[0] ?? '')
  t.ok(others > 40 * mbit, `a pod beside it, without annotations, is not slowed down: ${Math.round(others)} bit/s`)
})

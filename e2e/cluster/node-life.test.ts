// A node's own life: its runtime and kubelet restart and no packet is lost; it reboots, its pods come back, and nothing of before is left.
import t from 'tap'
import { until } from '../until.ts'
import type { Node } from './cluster.ts'
import { podTraces } from './pod-traces.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster, startCluster } from './start-cluster.ts'
import { askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

t.test('runtime, kubelet and node start anew', { skip: lacksCluster('dual-stack') }, async t => {
  await using cluster = await startCluster({ nodes: 2 })
  const [one, two] = cluster.nodes as [Node, Node]
  await applyPodwire(cluster)
  await loadAgnhost(cluster)
  // What the cluster itself runs, as kind's does: it goes to the other node.
  await cluster.kubectl(['drain', two.name, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=60s'])
  await until('there is no pod yet', () => podTraces(two).length === 0)
  await run(cluster, [
    podObject({ name: 'near', node: one.name }),
    podObject({ name: 'first', node: two.name, hostPort: 8888 }),
    podObject({ name: 'second', node: two.name }),
  ])
  t.ok(
    podTraces(two).some(trace => trace.startsWith('element')),
    'a host port that can be missed',
  )
  const [near = ''] = await podAddresses(cluster, 'near')
  const heard = async (name: string): Promise<string[]> => {
    const addresses = await podAddresses(cluster, name)
    return addresses.map(address => askFromPod(one, near, { address }, 'hostname'))
  }

  for (const part of ['containerd', 'kubelet'] as const) {
    await two.restart(part)
    t.strictSame(await heard('first'), ['first', 'first'], `pods are reached after a restart of ${part}`)
    await run(cluster, [podObject({ name: `after-${part}`, node: two.name })])
    t.strictSame(await heard(`after-${part}`), [`after-${part}`, `after-${part}`], 'and new ones')
  }

  await two.stop()
  await two.start()
  for (const name of ['first', 'second'])
    await until(`${name} is back`, async () => (await heard(name)).join() === `${name},${name}`, 90)
  t.equal(podTraces(two).filter(trace => trace.startsWith('link')).length, 4, 'as many interfaces as pods')
  await cluster.kubectl(['delete', 'pods', '--all', '--wait'])
  await until('nothing is left of pods', () => podTraces(two).length === 0, 60).catch(() => {})
  t.strictSame(podTraces(two), [], 'nothing is left, neither of before nor of after')
})

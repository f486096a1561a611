// A hundred pods on one node come, and go without a trace when it is drained.
import t from 'tap'
import { until } from '../until.ts'
import type { Cluster, Node } from './cluster.ts'
import { podTraces } from './pod-traces.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster, startCluster } from './start-cluster.ts'
import { apply } from './workload.ts'

const count = 100
const skip = process.env['PODWIRE_CLUSTER'] ? 'runs on the local cluster' : lacksCluster('dual-stack')

const many = (node: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'many' },
  spec: {
    replicas: count,
    selector: { matchLabels: { app: 'many' } },
    template: {
      metadata: { labels: { app: 'many' } },
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': node },
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'pod', image: 'docker.io/podwire/pod:1' }],
      },
    },
  },
})

async function addresses(cluster: Cluster): Promise<string[]> {
  const path = 'jsonpath={.items[*].status.podIPs[*].ip}'
  return (await cluster.kubectl(['get', 'pods', '--selector', 'app=many', '-o', path])).split(' ').filter(Boolean)
}

t.test('a hundred pods on one node', { skip }, async t => {
  await using cluster = await startCluster({ nodes: 1 })
  const [node] = cluster.nodes as [Node]
  await applyPodwire(cluster)
  const before = podTraces(node)
  const began = performance.now()
  await apply(cluster, [many(node.name)])
  await cluster.kubectl(['rollout', 'status', 'deployment/many', '--timeout=240s'])
  t.comment(`${count} pods after ${Math.round(performance.now() - began)} ms`)
  t.equal(new Set(await addresses(cluster)).size, 2 * count, 'each has addresses of its own, one of each family')
  const during = podTraces(node)
  t.equal(during.filter(trace => trace.startsWith('link')).length, count)
  for (const kind of [/^route/, /attachments/, /ipam.*10\.244/, /ipam.*fd00/, /netns/])
    t.ok(
      during.some(trace => kind.test(trace)),
      `a trace that can be missed: ${kind.source}`,
    )
  await cluster.kubectl(['drain', node.name, '--ignore-daemonsets', '--timeout=240s'])
  await until('those that take their place wait for a node', async () => (await addresses(cluster)).length === 0, 120)
  await until('their namespaces are gone', () => podTraces(node).length <= before.length, 60).catch(() => {})
  t.strictSame(podTraces(node), before, 'nothing is left')
})

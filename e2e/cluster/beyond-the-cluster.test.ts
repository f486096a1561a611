// Pods and the world beyond: they are reached through a port of their node, and go out with the node's address, inside with their own.
import t from 'tap'
import type { Node } from './cluster.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster, startCluster } from './start-cluster.ts'
import { ask, askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const sameFamily = (a: string) => (b: string) => a.includes(':') === b.includes(':')

t.test('host ports, and the source address that is seen', { skip: lacksCluster('dual-stack') }, async t => {
  await using cluster = await startCluster({ nodes: 2 })
  const [one, two] = cluster.nodes as [Node, Node]
  await applyPodwire(cluster)
  await loadAgnhost(cluster)
  await run(cluster, [
    podObject({ name: 'published', node: one.name, hostPort: 8888 }),
    podObject({ name: 'far', node: two.name }),
  ])
  const own = await podAddresses(cluster, 'published')
  const far = await podAddresses(cluster, 'far')

  const port = 8888
  for (const address of one.addresses) {
    t.equal(ask(cluster.outside, { address, port }, 'hostname'), 'published', `outside → ${address}`)
    t.equal(ask(two, { address, port }, 'hostname'), 'published', `another node → ${address}`)
    t.equal(ask(one, { address, port }, 'hostname'), 'published', `the node itself → ${address}`)
    const from = far.find(sameFamily(address)) ?? ''
    t.equal(askFromPod(two, from, { address, port }, 'hostname'), 'published', `a pod of another node → ${address}`)
    t.equal(askFromPod(one, own[0] ?? '', { address, port }, 'hostname'), 'published', `the pod itself → ${address}`)
  }
  for (const address of ['127.0.0.1', '::1'])
    t.equal(ask(one, { address, port }, 'hostname'), 'published', `the node itself → ${address}`)
  const healthz = { address: '127.0.0.1', port: 10248 }
  t.equal(ask(one, healthz, 'healthz'), 'ok', "the node's own services stay reachable")
  for (const address of two.addresses)
    t.equal(ask(cluster.outside, { address, port }, 'hostname'), '', `none at ${address}`)

  for (const address of cluster.outside.addresses) {
    const from = own.find(sameFamily(address)) ?? ''
    const seen = askFromPod(one, from, { address }, 'clientip')
    t.match(seen, one.addresses.find(sameFamily(address)) ?? '', `outside, ${from} is its node: ${seen}`)
  }
  for (const address of two.addresses) {
    const from = far.find(sameFamily(address)) ?? ''
    t.match(
      askFromPod(one, own[0] ?? '', { address: from }, 'clientip'),
      own.find(sameFamily(address)) ?? '',
      'another pod sees the pod',
    )
  }
})

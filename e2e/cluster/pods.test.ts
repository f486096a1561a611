// On a cluster of two nodes pods get ready, and each reaches each, as itself.
import t from 'tap'
import type { Families } from './cluster.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster, startCluster } from './start-cluster.ts'
import { askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

for (const families of ['dual-stack', 'IPv4', 'IPv6'] satisfies Families[])
  t.test(`${families}: pods reach each other on one node and across`, { skip: lacksCluster(families) }, async t => {
    const began = performance.now()
    await using cluster = await startCluster({ nodes: 2, families })
    t.comment(`two nodes after ${Math.round(performance.now() - began)} ms`)
    await applyPodwire(cluster)
    await loadAgnhost(cluster)
    const [one, two] = cluster.nodes.map(({ name }) => name) as [string, string]
    const places = { one, neighbour: one, far: two }
    await run(
      cluster,
      Object.entries(places).map(([name, node]) => podObject({ name, node })),
    )
    t.comment(`pods ready after ${Math.round(performance.now() - began)} ms`)
    const addresses = new Map<string, string[]>()
    for (const name of Object.keys(places)) addresses.set(name, await podAddresses(cluster, name))
    const own = addresses.get('one') ?? []
    t.equal(own.length, families === 'dual-stack' ? 2 : 1, 'a pod has an address of each family')
    for (const name of ['neighbour', 'far'])
      for (const [index, address] of (addresses.get(name) ?? []).entries()) {
        const from = own[index] ?? ''
        t.equal(askFromPod(cluster.node(one), from, { address }, 'hostname'), name, `${from} → ${name} ${address}`)
        t.match(askFromPod(cluster.node(one), from, { address }, 'clientip'), from, `as ${from}`)
      }
  })

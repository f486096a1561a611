// Every network test that upstream Kubernetes asks a conformant cluster to pass, unchanged.
import t from 'tap'
import { lacks } from '../tools.ts'
import { runDns } from './dns.ts'
import { LocalCluster } from './local-cluster.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster } from './start-cluster.ts'
import { loadUpstreamImages, runUpstream } from './upstream.ts'

const skip = process.env['PODWIRE_CLUSTER']
  ? 'runs on the local cluster'
  : lacksCluster('dual-stack') || lacks('upstream-tests')
const minutes = 60_000

t.test('the network tests of conformance', { skip, timeout: 30 * minutes }, async t => {
  await using cluster = await LocalCluster.start({ nodes: 2 })
  await applyPodwire(cluster)
  await loadUpstreamImages(cluster)
  await runDns(cluster)
  const specs = await runUpstream(cluster, String.raw`\[sig-network\].*\[Conformance\]`)
  for (const { name, state, message, seconds } of specs) t.equal(state, 'passed', `${name} (${seconds} s) ${message}`)
  t.equal(specs.filter(({ name }) => name.includes('[Conformance]')).length, 45)
})

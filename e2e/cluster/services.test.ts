// Services reach their pods: by cluster IP, node port and name, from pods, nodes and outside, whatever kube-proxy's mode.
import t from 'tap'
import { until } from '../until.ts'
import type { Cluster, Node } from './cluster.ts'
import { runDns } from './dns.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster, startCluster } from './start-cluster.ts'
import { apply, ask, askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const service = (name: string, externalTrafficPolicy: 'Cluster' | 'Local') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: {
    type: 'NodePort',
    externalTrafficPolicy,
    ipFamilyPolicy: 'RequireDualStack',
    selector: { app: 'server' },
    ports: [{ port: 80, targetPort: 8080 }],
  },
})

async function read(cluster: Cluster, name: string, path: string): Promise<string[]> {
  const said = await cluster.kubectl(['get', 'service', name, '-o', `jsonpath={${path}}`])
  return said.split(' ').filter(Boolean)
}

for (const proxyMode of ['nftables', 'iptables'] as const)
  t.test(`services with kube-proxy's ${proxyMode}`, { skip: lacksCluster('dual-stack') }, async t => {
    await using cluster = await startCluster({ nodes: 2, proxyMode })
    const [one, two] = cluster.nodes as [Node, Node]
    await applyPodwire(cluster)
    await loadAgnhost(cluster)
    await apply(cluster, [service('all', 'Cluster'), service('local', 'Local')])
    await run(cluster, [podObject({ name: 'client', node: one.name }), podObject({ name: 'server', node: two.name })])
    await runDns(cluster)
    const [client = ''] = await podAddresses(cluster, 'client')
    const [server = ''] = await podAddresses(cluster, 'server')

    for (const address of await read(cluster, 'all', '.spec.clusterIPs[*]')) {
      const target = { address, port: 80 }
      t.equal(askFromPod(one, client, target, 'hostname'), 'server', `a pod of another node → ${address}`)
      t.equal(askFromPod(two, server, target, 'hostname'), 'server', `the pod itself, through its service → ${address}`)
      t.equal(ask(one, target, 'hostname'), 'server', `another node → ${address}`)
      t.equal(ask(two, target, 'hostname'), 'server', `its own node → ${address}`)
    }
    const named = { address: 'all.default.svc.cluster.local', port: 80 }
    // kube-proxy hears of its pods a moment after they are ready.
    await until('the name server is served', () => askFromPod(one, client, named, 'hostname') === 'server')
    t.pass('by name')

    const [nodePort = '0'] = await read(cluster, 'all', '.spec.ports[0].nodePort')
    const [localPort = '0'] = await read(cluster, 'local', '.spec.ports[0].nodePort')
    for (const node of [one, two])
      for (const address of node.addresses) {
        const target = { address, port: Number(nodePort) }
        t.equal(ask(cluster.outside, target, 'hostname'), 'server', `outside → a node port of ${node.name} ${address}`)
      }
    for (const [index, address] of two.addresses.entries()) {
      const target = { address, port: Number(localPort) }
      const seen = ask(cluster.outside, target, 'clientip')
      t.match(seen, cluster.outside.addresses[index], `where only its own pods serve, they see who asks ${address}`)
    }
    for (const address of one.addresses)
      t.equal(ask(cluster.outside, { address, port: Number(localPort) }, 'hostname'), '', `no pod at ${address}`)
  })

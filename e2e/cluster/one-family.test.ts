// A cluster of IPv4 alone, or of IPv6 alone, is a whole one: services by address and name, the world beyond, and probes, which kubelet sends to a pod's first address.
import t from 'tap'
import { until } from '../until.ts'
import type { Cluster, Node } from './cluster.ts'
import { runDns } from './dns.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster, startCluster } from './start-cluster.ts'
import { apply, ask, askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'served' },
  spec: { type: 'NodePort', selector: { app: 'http' }, ports: [{ port: 80, targetPort: 8080 }] },
}

const often = { periodSeconds: 1, failureThreshold: 1 }
const all = (probe: object) => ({
  startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 30 },
  // Slow to judge: what a busy machine does to a probe is not what is asked here.
  livenessProbe: { ...probe, periodSeconds: 2, failureThreshold: 5, timeoutSeconds: 5 },
  readinessProbe: { ...probe, periodSeconds: 1 },
})
const http = { httpGet: { path: '/hostname', port: 8080 } }
const tcp = (port: number) => ({ tcpSocket: { port } })
const health = { httpGet: { path: '/healthz', port: 8080 } }
/** Serves /healthz: well for ten seconds, and then no more. */
const mortal = { args: ['liveness'], readinessProbe: { ...health, ...often }, livenessProbe: { ...health, ...often } }

const restarts = (cluster: Cluster, name: string): Promise<string> =>
  cluster.kubectl(['get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'])

for (const families of ['IPv4', 'IPv6'] as const)
  t.test(`a cluster of ${families} alone`, { skip: lacksCluster(families) }, async t => {
    await using cluster = await startCluster({ nodes: 2, families })
    const [one, two] = cluster.nodes as [Node, Node]
    await applyPodwire(cluster)
    await loadAgnhost(cluster)
    await apply(cluster, [service])
    await run(cluster, [
      podObject({ name: 'client', node: one.name }),
      podObject({ name: 'http', node: two.name, hostPort: 8888, container: all(http) }),
      podObject({ name: 'tcp', node: two.name, container: all(tcp(8080)) }),
      podObject({ name: 'mortal', node: two.name, container: mortal }),
    ])
    // Behind the others, for which `run` waits.
    await apply(cluster, [podObject({ name: 'closed', node: one.name, container: all(tcp(8099)) })])
    await runDns(cluster)
    const [client = '', ...more] = await podAddresses(cluster, 'client')
    t.strictSame([client.includes(':'), more], [families === 'IPv6', []], `one address, ${client}`)
    const hears = (address: string, port: number) => askFromPod(one, client, { address, port }, 'hostname')

    await t.test('services by address, node port and name; host ports; the world beyond', async t => {
      const path = 'jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}'
      const [clusterIP = '', nodePort] = (await cluster.kubectl(['get', 'service', 'served', '-o', path])).split(' ')
      // kube-proxy hears of its pods a moment after they are ready.
      await until('the service is served', () => hears(clusterIP, 80) === 'http', 30)
      await until('and by name', () => hears('served.default.svc.cluster.local', 80) === 'http', 30)
      for (const [node, port] of [
        [one, Number(nodePort)],
        [two, Number(nodePort)],
        [two, 8888],
      ] as const) {
        const target = { address: node.addresses[0] ?? '', port }
        t.equal(ask(cluster.outside, target, 'hostname'), 'http', `outside → ${target.address}, port ${port}`)
      }
      const [address = ''] = cluster.outside.addresses
      t.match(askFromPod(one, client, { address }, 'clientip'), one.addresses[0], 'a pod goes out as its node')
    })

    await t.test('probes', async t => {
      const [address = ''] = await podAddresses(cluster, 'mortal')
      await until(
        'one that fails its liveness is restarted',
        async () => Number(await restarts(cluster, 'mortal')) > 0,
        60,
      )
      await until('and the new one is reached', () => askFromPod(one, client, { address }, 'healthz') === 'ok', 60)
      for (const name of ['http', 'tcp'])
        t.equal(await restarts(cluster, name), '0', `one that answers ${name} lives on`)
      const { stdout } = await cluster.tryKubectl([
        'get',
        'pod',
        'closed',
        '-o',
        'jsonpath={.status.containerStatuses[0]}',
      ])
      t.match(JSON.parse(stdout), { started: false, ready: false }, 'one that does not listen never starts')
    })
  })

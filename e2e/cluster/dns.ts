// CoreDNS as kube-dns on a cluster. What is not of the cluster it does not know: there is no name server beyond.
import { join } from 'node:path'
import { tool } from '../tools.ts'
import { dnsServices } from './address-plan.ts'
import type { Cluster } from './cluster.ts'
import { apply } from './workload.ts'

const corefile = `.:53 {
  errors
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
  }
  cache 5
}
`

const namespace = 'kube-system'
const metadata = { name: 'coredns', namespace }
const rules = [
  { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
]
const labels = { 'k8s-app': 'kube-dns' }

const rbac = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'coredns' }, rules },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  },
]

const container = {
  name: 'coredns',
  image: 'docker.io/podwire/coredns:1',
  args: ['-conf', '/etc/coredns/Corefile'],
  readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
  volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: 'coredns',
        dnsPolicy: 'Default',
        containers: [container],
        volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
      },
    },
  },
}

/** Where there is none yet: kind brings its own. */
export async function runDns(cluster: Cluster): Promise<void> {
  const { code } = await cluster.tryKubectl(['get', 'service', 'kube-dns', '--namespace', namespace])
  if (code !== 0) await install(cluster)
  await cluster.kubectl(['rollout', 'status', 'deployment/coredns', '--namespace', namespace, '--timeout=60s'])
}

async function install(cluster: Cluster): Promise<void> {
  const clusterIPs = dnsServices(cluster.families)
  await Promise.all(cluster.nodes.map(node => node.load(join(tool('cluster-images'), 'coredns.tar'))))
  await apply(cluster, [
    ...rbac,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } },
    deployment,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace },
      spec: {
        clusterIP: clusterIPs[0],
        clusterIPs,
        ipFamilyPolicy: clusterIPs.length === 2 ? 'RequireDualStack' : 'SingleStack',
        selector: labels,
        ports: ['UDP', 'TCP'].map(protocol => ({ name: protocol.toLowerCase(), port: 53, protocol })),
      },
    },
  ])
}

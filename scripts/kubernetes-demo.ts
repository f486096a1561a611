// scripts/demo --kubernetes: real Kubernetes in namespaces of this machine gets its network by the manifest, and nodes come and go.
import { styleText } from 'node:util'
import { bracketed } from '../e2e/cluster/address-plan.ts'
import type { Node } from '../e2e/cluster/cluster.ts'
import { LocalCluster } from '../e2e/cluster/local-cluster.ts'
import { loadPodwire } from '../e2e/cluster/podwire.ts'
import { lacksCluster } from '../e2e/cluster/start-cluster.ts'
import { ask, askFromPod, loadAgnhost, podAddresses, podObject, run } from '../e2e/cluster/workload.ts'
import { until } from '../e2e/until.ts'

let failures = 0
const say = (text: string): void => console.log(text.trimEnd().replaceAll(/^(?=.)/gm, '  '))
const title = (text: string): void => say(`\n${styleText('bold', text)}`)
const timed = (what: string, since: number): void =>
  say(`${styleText('green', '✓')} ${what} after ${Math.round(performance.now() - since)} ms`)

function expect(what: string, wanted: string, got: string): void {
  const isSo = got.includes(wanted)
  if (!isSo) failures += 1
  say(isSo ? `${styleText('green', '✓')} ${what}` : styleText('red', `✗ ${what}: not so, it is ${got || 'nothing'}`))
}

async function kubectl(cluster: LocalCluster, words: string): Promise<void> {
  say(styleText('dim', `$ kubectl ${words.replace(`${process.cwd()}/`, '')}`))
  say(await cluster.kubectl(words.split(' ')))
}

async function nodesAreReady(cluster: LocalCluster, what: string, since: number): Promise<void> {
  await cluster.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s'])
  timed(`${what}: all nodes are Ready`, since)
}

/** By every address: who answers, and whom it saw. */
async function reach(cluster: LocalCluster, from: string, at: Node, to: string): Promise<void> {
  const own = await podAddresses(cluster, from)
  for (const [index, address] of (await podAddresses(cluster, to)).entries()) {
    const source = own[index] ?? ''
    expect(`${from} → ${to}, ${address}`, to, askFromPod(at, source, { address }, 'hostname'))
    expect(`  as itself, ${source}`, `${bracketed(source)}:`, askFromPod(at, source, { address }, 'clientip'))
  }
}

async function reachService(cluster: LocalCluster, at: Node): Promise<void> {
  const read = async (path: string) =>
    (await cluster.kubectl(['get', 'service', 'far', '-o', `jsonpath={${path}}`])).split(' ')
  const [source = ''] = await podAddresses(cluster, 'web')
  for (const address of await read('.spec.clusterIPs[*]'))
    expect(`web → service far, ${address}`, 'far', askFromPod(at, source, { address, port: 80 }, 'hostname'))
  const [port] = await read('.spec.ports[0].nodePort')
  for (const address of at.addresses)
    expect(`outside → ${address}:${port}`, 'far', ask(cluster.outside, { address, port: Number(port) }, 'hostname'))
}

/** Outside, a pod is its node. */
async function goOut(cluster: LocalCluster, at: Node): Promise<void> {
  const own = await podAddresses(cluster, 'web')
  for (const [index, address] of cluster.outside.addresses.entries()) {
    const seen = at.addresses[index] ?? ''
    expect(
      `web → outside, as its node ${seen}`,
      `${bracketed(seen)}:`,
      askFromPod(at, own[index] ?? '', { address }, 'clientip'),
    )
  }
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'far' },
  spec: {
    type: 'NodePort',
    ipFamilyPolicy: 'RequireDualStack',
    selector: { app: 'far' },
    ports: [{ port: 80, targetPort: 8080 }],
  },
}

async function show(cluster: LocalCluster): Promise<void> {
  const [one, two] = cluster.nodes as readonly Node[] as [Node, Node]
  await loadPodwire(cluster)
  await loadAgnhost(cluster)
  title('The network')
  const applied = performance.now()
  await kubectl(cluster, `apply -f ${process.cwd()}/cni-conf/podwire.yaml`)
  await nodesAreReady(cluster, 'applied', applied)
  await kubectl(cluster, 'get nodes -o wide')

  title('Pods and a service')
  const places = { web: one, api: one, far: two }
  const pods = Object.entries(places).map(([name, { name: node }]) => podObject({ name, node }))
  const created = performance.now()
  await run(cluster, [...pods, service])
  timed('three pods are Ready', created)
  await kubectl(cluster, 'get pods -o wide')
  for (const to of ['api', 'far']) await reach(cluster, 'web', one, to)
  await reachService(cluster, one)
  await goOut(cluster, one)

  title('A node joins')
  const three = await cluster.addNode()
  const joined = performance.now()
  await loadPodwire(cluster, [three])
  await nodesAreReady(cluster, "its image loaded, and kubelet's wait before it looks again over", joined)
  await loadAgnhost(cluster)
  await run(cluster, [podObject({ name: 'fresh', node: three.name })])
  await reach(cluster, 'web', one, 'fresh')
  const status = three.attempt('/opt/cni/bin/podwire', ['status'])
  say(status.stdout)
  expect('podwire status on it: exit code 0', '0', String(status.code))

  title('A node leaves')
  const routes = () => one.shell('ip -4 route show proto 113; ip -6 route show proto 113')
  const cidrs = await cluster.kubectl(['get', 'node', two.name, '-o', 'jsonpath={.spec.podCIDRs[*]}'])
  await cluster.deleteNode(two.name)
  const left = performance.now()
  await until('no route to its pods', () => cidrs.split(' ').every(cidr => !routes().includes(cidr)))
  timed(`node1 has no route to ${cidrs.replace(' ', ' and ')} any more`, left)
  await kubectl(cluster, 'get nodes -o wide')
}

const lack = lacksCluster('dual-stack')
if (lack) throw new Error(`no cluster can be made: ${lack}`)
title('Two nodes on two networks, a router between, and a host outside')
const began = performance.now()
const starting = LocalCluster.start({ nodes: 2, segments: 2 })
let isInterrupted = false
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, async () => {
    isInterrupted = true
    await starting.then(
      cluster => cluster[Symbol.asyncDispose](),
      () => {},
    )
    process.exit(130)
  })
try {
  await using cluster = await starting
  timed('etcd, API server, scheduler, controllers, kubelets and kube-proxies run', began)
  await show(cluster)
} catch (error) {
  // Who took the cluster away from under it knows.
  if (!isInterrupted) throw error
}
title(failures === 0 ? 'All of it is gone.' : `${failures} of these are not as they should be`)
process.exitCode = failures === 0 ? 0 : 1

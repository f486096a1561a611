// Nodes on two LANs: pods reach each other across, in packets as large as they come; nodes join and leave, agents die, and routes follow.
import t from 'tap'
import { until } from '../until.ts'
import type { Cluster, Node } from './cluster.ts'
import { LocalCluster } from './local-cluster.ts'
import type { LocalNode } from './local-node.ts'
import { outcome } from './outcome.ts'
import { applyPodwire, loadPodwire } from './podwire.ts'
import { lacksCluster } from './start-cluster.ts'
import { askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const skip = process.env['PODWIRE_CLUSTER'] ? 'runs on the local cluster' : lacksCluster('dual-stack')

/** Its command line. */
const agent = '^/opt/podwire/podwire agent'

const routes = (node: Node): string =>
  node.shell('ip -4 route show proto 113 type unicast; ip -6 route show proto 113 type unicast')

/** The namespace of the pod that has an address. */
const namespaceOf = (node: Node, address: string): string =>
  node
    .shell(
      `for pod in /run/netns/*; do ! nsenter --net=$pod ip -o address | grep -qF ' ${address}/' || echo $pod; done`,
    )
    .trim()

async function podCidrs(cluster: Cluster, name: string): Promise<string[]> {
  return JSON.parse(await cluster.kubectl(['get', 'node', name, '-o', 'jsonpath={.spec.podCIDRs}'])) as string[]
}

t.test('nodes on two LANs', { skip }, async t => {
  await using cluster = await LocalCluster.start({ nodes: 3, segments: 2 })
  const [one, two, three] = cluster.nodes as readonly LocalNode[] as [LocalNode, LocalNode, LocalNode]
  await applyPodwire(cluster)
  await loadAgnhost(cluster)
  const names = new Map([one, two, three].map(node => [node, `on-${node.name}`]))
  await run(
    cluster,
    [...names].map(([node, name]) => podObject({ name, node: node.name })),
  )
  const addresses = new Map<Node, string[]>()
  for (const [node, name] of names) addresses.set(node, await podAddresses(cluster, name))

  await t.test('every pod reaches every pod, as itself', async t => {
    for (const from of [one, two, three])
      for (const to of [one, two, three])
        for (const [index, address] of (addresses.get(to) ?? []).entries()) {
          const source = addresses.get(from)?.[index] ?? ''
          t.match(askFromPod(from, source, { address }, 'clientip'), source, `${from.name} → ${to.name} ${address}`)
        }
  })

  await t.test('the largest packet that a pod can send passes, and a larger one is told', async t => {
    const [source = ''] = addresses.get(one) ?? []
    const pod = namespaceOf(one, source)
    const mtu = Number(one.shell(`nsenter --net=${pod} ip -o link show eth0`).match(/mtu (\d+)/)?.[1])
    const ping = (address: string, size: number): number =>
      one.attempt('nsenter', [`--net=${pod}`, 'ping', '-c1', '-W2', '-M', 'do', '-s', `${size}`, address]).code
    for (const node of [two, three])
      for (const address of addresses.get(node) ?? []) {
        const headers = address.includes(':') ? 48 : 28
        t.equal(ping(address, mtu - headers), 0, `${mtu} bytes to ${address}`)
        t.not(ping(address, mtu - headers + 1), 0, 'not one more')
      }
  })

  await t.test('no packet is lost while agents are killed', async t => {
    const pod = namespaceOf(one, addresses.get(one)?.[0] ?? '')
    const targets = [two, three].flatMap(node => addresses.get(node) ?? [])
    const probes = targets.map(address =>
      outcome(...one.machine.enter('nsenter', `--net=${pod}`, 'ping', '-q', '-i0.05', '-c300', '-W1', address)),
    )
    for (let kills = 0; kills < 4; kills++) {
      for (const node of [one, two, three]) node.attempt('pkill', ['-KILL', '-f', agent])
      await new Promise(resolve => setTimeout(resolve, 3000))
    }
    for (const { stdout } of await Promise.all(probes)) t.match(stdout, ' 0% packet loss', stdout.split('\n')[0] ?? '')
    const said = await cluster.kubectl([
      'get',
      'pods',
      '-n',
      'kube-system',
      '-o',
      'jsonpath={.items[*].status.containerStatuses[0].restartCount}',
    ])
    t.notMatch(said, /\b0\b/, `they were killed: ${said}`)
  })

  await t.test('a node that joins is reached, one that leaves is forgotten', async t => {
    const four = await cluster.addNode()
    await loadPodwire(cluster, [four])
    await cluster.kubectl(['wait', '--for=condition=Ready', `node/${four.name}`, '--timeout=60s'])
    const cidrs = await podCidrs(cluster, four.name)
    const all = [one, two, three]
    const isKnown = (node: Node): boolean => cidrs.every(cidr => routes(node).includes(cidr))
    await until('the others have routes to it', () => all.every(isKnown), 30)
    await cluster.deleteNode(four.name)
    await until('and lose them', () => !all.some(isKnown), 30)
    t.pass()
  })

  await t.test('a node that leaves while no agent runs is forgotten at the next start', async t => {
    const cidrs = await podCidrs(cluster, three.name)
    const agents = ['daemonset/podwire', '--namespace', 'kube-system']
    await cluster.kubectl(['patch', ...agents, '-p', '{"spec":{"template":{"spec":{"nodeSelector":{"no":"where"}}}}}'])
    const runsAgent = (node: Node): boolean => node.attempt('pgrep', ['-f', agent]).code === 0
    await until('no agent runs', () => ![one, two, three].some(runsAgent), 60)
    await cluster.deleteNode(three.name)
    t.ok(
      cidrs.every(cidr => routes(one).includes(cidr)),
      'its routes stay as long',
    )
    await cluster.kubectl([
      'patch',
      ...agents,
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/template/spec/nodeSelector"}]',
    ])
    await until('its routes go', () => [one, two].every(node => cidrs.every(cidr => !routes(node).includes(cidr))), 60)
    const [source = ''] = addresses.get(one) ?? []
    const [address = ''] = addresses.get(two) ?? []
    t.equal(askFromPod(one, source, { address }, 'hostname'), `on-${two.name}`, 'the others stay')
  })
})

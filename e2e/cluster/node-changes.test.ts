// Nodes on two LANs: pods reach each other across, in packets as large as they come; nodes join, leave and come back as others, and routes follow.
import t from 'tap'
import { until } from '../until.ts'
import type { Cluster, Node } from './cluster.ts'
import { LocalCluster } from './local-cluster.ts'
import type { LocalNode } from './local-node.ts'
import { namespaceOf } from './pod-namespace.ts'
import { applyPodwire, loadPodwire } from './podwire.ts'
import { lacksCluster } from './start-cluster.ts'
import { askFromPod, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const skip = process.env['PODWIRE_CLUSTER'] ? 'runs on the local cluster' : lacksCluster('dual-stack')

/** Its command line. */
const agent = '^/opt/podwire/podwire agent'

const routes = (node: Node): string =>
  node.shell('ip -4 route show proto 113 type unicast; ip -6 route show proto 113 type unicast')

/** Addresses of other nodes that packets are sent to, among other words. */
const ways = (node: Node): string[] => `${routes(node)} ${node.shell('bridge fdb show dev podwire-vxlan')}`.split(/\s+/)

const conflist = (node: Node): string => node.shell('cat /etc/cni/net.d/10-podwire.conflist')

/** None of a node that is not there. */
async function podCidrs(cluster: Cluster, name: string): Promise<string[]> {
  const { stdout } = await cluster.tryKubectl(['get', 'node', name, '-o', 'jsonpath={.spec.podCIDRs[*]}'])
  return stdout.split(' ').filter(Boolean)
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
  async function readAddresses(): Promise<void> {
    for (const [node, name] of names) addresses.set(node, await podAddresses(cluster, name))
  }
  await readAddresses()

  function* unreached(): Generator<string> {
    for (const from of names.keys())
      for (const to of names.keys())
        for (const [index, address] of (addresses.get(to) ?? []).entries()) {
          const source = addresses.get(from)?.[index] ?? ''
          const seen = askFromPod(from, source, { address }, 'clientip')
          if (!seen.includes(source)) yield `${from.name} ${source} → ${to.name} ${address}: ${seen}`
        }
  }
  const isWhole = async (): Promise<boolean> => {
    await readAddresses()
    return [...addresses.values()].every(({ length }) => length === 2) && unreached().next().done === true
  }

  await t.test('every pod reaches every pod, as itself', async t => {
    t.strictSame(
      [...addresses.values()].map(({ length }) => length),
      [2, 2, 2],
    )
    t.strictSame([...unreached()], [])
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

  await t.test('a node that joins is reached, one that leaves is forgotten', async t => {
    const four = await cluster.addNode(node => loadPodwire(cluster, [node]))
    await cluster.kubectl(['wait', '--for=condition=Ready', `node/${four.name}`, '--timeout=60s'])
    const cidrs = await podCidrs(cluster, four.name)
    const all = [one, two, three]
    const isKnown = (node: Node): boolean => cidrs.every(cidr => routes(node).includes(cidr))
    await until('the others have routes to it', () => all.every(isKnown), 30)
    await cluster.deleteNode(four.name)
    await until('and lose them', () => !all.some(isKnown), 30)
    t.pass()
  })

  await t.test('nodes that come back with another address are reached there', async t => {
    const before = [two, three].flatMap(node => node.addresses)
    await Promise.all([two.restartAs(102), three.restartAs(103)])
    t.notOk(
      [two, three].flatMap(node => node.addresses).some(address => before.includes(address)),
      'all are new',
    )
    const isFollowed = (): boolean =>
      [two, three].every(node => ways(one).some(way => node.addresses.includes(way))) &&
      !ways(one).some(way => before.includes(way))
    await until('routes and the tunnel lead there, and nowhere else', isFollowed, 60)
    await until('every pod, started again, reaches every pod', isWhole, 120)
  })

  await t.test('what changes while no agent runs is made good at the next start', async t => {
    const gone = [...(await podCidrs(cluster, two.name)), ...(await podCidrs(cluster, three.name))]
    const daemonSet = ['daemonset/podwire', '--namespace', 'kube-system']
    await cluster.kubectl([
      'patch',
      ...daemonSet,
      '-p',
      '{"spec":{"template":{"spec":{"nodeSelector":{"no":"where"}}}}}',
    ])
    const runsAgent = (node: Node): boolean => node.attempt('pgrep', ['-f', agent]).code === 0
    await until('no agent runs', () => ![one, two, three].some(runsAgent), 60)

    t.comment('one node leaves, and one joins anew: with another address, and other podCIDRs')
    await cluster.deleteNode(three.name)
    await cluster.kubectl(['delete', 'node', two.name])
    await cluster.kubectl(['delete', 'pod', `on-${two.name}`, `on-${three.name}`, '--force'])
    await two.restartAs(202)
    await until('it has podCIDRs again', async () => (await podCidrs(cluster, two.name)).length === 2, 60)
    const now = await podCidrs(cluster, two.name)
    t.strictSame(
      now.filter(cidr => gone.includes(cidr)),
      [],
      `${gone} → ${now}`,
    )
    t.strictSame(
      gone.filter(cidr => !routes(one).includes(cidr)),
      [],
      'the routes of before stay as long',
    )

    await cluster.kubectl([
      'patch',
      ...daemonSet,
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/template/spec/nodeSelector"}]',
    ])
    const has = (cidr: string): boolean => routes(one).includes(cidr)
    await until('routes are those of now', () => now.every(has) && !gone.some(has), 60)
    await until('and lead there', () => ways(one).some(way => two.addresses.includes(way)), 30)
    const { name } = two
    await until('it has the configuration of now', () => now.every(cidr => conflist(two).includes(cidr)), 60)
    await run(cluster, [podObject({ name: `on-${name}`, node: name })])
    for (const map of [names, addresses]) map.delete(three)
    await until('every pod reaches every pod', isWhole, 60)
  })
})

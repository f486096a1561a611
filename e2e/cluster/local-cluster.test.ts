// The local cluster itself: nodes stop, start, come and go as real ones do, and nothing is left of it.
import { existsSync, globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { groupOf } from '../control-groups.ts'
import { dist, lacks } from '../tools.ts'
import { LocalCluster } from './local-cluster.ts'
import { applyPodwire } from './podwire.ts'
import { ask, loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const needs = ['kubernetes', 'cluster-images', 'plugins', 'containerd', 'image', 'runc', 'openssl', 'nft', 'curl']
const skip = lacks(...needs, `${dist}/podwire`)
const skipDistribution = lacks(...needs, `${dist}/podwire`, '/usr/bin/containerd')

t.test(
  'a node that lost power comes back with an empty kernel and a full disk, and its pods start again',
  { skip },
  async t => {
    await using cluster = await LocalCluster.start({ nodes: 2, families: 'IPv4' })
    await applyPodwire(cluster)
    await loadAgnhost(cluster)
    await run(cluster, [podObject({ name: 'far', node: 'node2' })])
    const node = cluster.node('node2')
    node.shell('echo here >/var/lib/mark; echo here >/run/mark; ip route add 203.0.113.0/24 via 172.30.0.1')
    const { pid } = node.machine
    await node.stop()
    t.notOk(existsSync(`/proc/${pid}`), 'its processes are gone')
    t.strictSame(globSync(`/sys/fs/cgroup/{,*/}${groupOf(pid)}`), [], 'and their control groups')
    await node.start()
    t.equal(node.shell('cat /var/lib/mark; ls /run/mark 2>/dev/null || true; ip route show 203.0.113.0/24'), 'here\n')
    await applyPodwire(cluster)
    await cluster.kubectl([
      'wait',
      '--for=jsonpath={.status.containerStatuses[0].restartCount}=1',
      'pod/far',
      '--timeout=60s',
    ])
    await cluster.kubectl(['wait', '--for=condition=Ready', 'pod/far', '--timeout=60s'])
    const [address = ''] = await podAddresses(cluster, 'far')
    t.equal(
      ask(cluster.node('node1'), { address }, 'hostname'),
      'far',
      `the API server's node reaches it at ${address}`,
    )
  },
)

t.test('a node joins, another leaves; the host outside knows nodes and no pods', { skip }, async t => {
  await using cluster = await LocalCluster.start({ nodes: 1, segments: 2 })
  const second = await cluster.addNode()
  for (const address of second.addresses)
    t.equal(
      cluster.node('node1').attempt('ping', ['-c1', '-W1', address]).code,
      0,
      `the other LAN's ${address} is reached`,
    )
  for (const address of second.addresses)
    t.equal(cluster.outside.attempt('ping', ['-c1', '-W1', address]).code, 0, `and from outside ${address}`)
  t.not(cluster.outside.attempt('ping', ['-c1', '-W1', '10.244.0.1']).code, 0)
  await cluster.deleteNode('node2')
  t.equal(await cluster.kubectl(['get', 'nodes', '-o', 'name']), 'node/node1\n')
})

t.test('nothing is left of a cluster', { skip: skipDistribution }, async t => {
  const cluster = await LocalCluster.start({ nodes: 1, containerd: '/usr/bin' })
  await applyPodwire(cluster)
  t.match(
    await cluster.kubectl(['get', 'nodes', '-o', 'wide']),
    'containerd://1.',
    "the distribution's containerd serves as well",
  )
  await run(cluster, [
    {
      ...podObject({ name: 'one', node: 'node1' }),
      spec: { nodeName: 'node1', containers: [{ name: 'pod', image: 'docker.io/podwire/pod:1' }] },
    },
  ])
  const { pid } = cluster.node('node1').machine
  const folder = cluster.logs.replace('/logs', '')
  await cluster[Symbol.asyncDispose]()
  t.notOk(existsSync(`/proc/${pid}`), 'no process')
  t.notOk(existsSync(folder), 'no folder')
  t.notMatch(readFileSync('/proc/mounts', 'utf8'), folder, 'no mount')
  t.strictSame(globSync(`/sys/fs/cgroup/{,*/}${groupOf(pid)}`), [], 'no control group')
})

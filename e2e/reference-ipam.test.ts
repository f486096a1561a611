// Our IPAM under the reference bridge and ptp, and the reference IPAMs under our plugin.
import t from 'tap'
import { Network } from './cnitool.ts'
import { ipam, podwire } from './conflist.ts'
import { Host } from './host.ts'
import { leftovers, links, reservations } from './leftovers.ts'
import { Pod } from './pod.ts'
import { reaches } from './reach.ts'
import { dist, lacks, referencePlugins } from './tools.ts'
import { until } from './until.ts'

const theirs = '/run/theirs'
const mains = [
  { type: 'bridge', bridge: 'cni0', isGateway: true },
  { type: 'ptp', ipMasq: false },
]

for (const { release, folder, need } of referencePlugins) {
  const skip = lacks('cnitool', 'ping', `${dist}/podwire-ipam`, need)

  for (const main of mains)
    t.test(`our IPAM serves their ${main.type}, ${release}`, { skip }, async t => {
      await using host = await Host.start()
      const network = new Network(host, 'pods', '1.0.0', [{ ...main, ipam: ipam('dual-stack') }], folder)
      const [one, two] = [Pod.make(host, 'one'), Pod.make(host, 'two')]
      const [first, second] = [network.add(one), network.add(two)]
      t.strictSame(
        one.addresses(),
        first.ips.map(ip => ip.address),
        'the pod has what the result says',
      )
      t.strictSame(
        first.ips.map(ip => ip.gateway),
        ['10.244.1.1', 'fd00:10:244:1::1'],
      )
      t.equal(reservations(host).length, 4, 'both pods hold two addresses')
      t.ok(reaches(one, second.ips[0]?.address ?? ''), 'pod → pod')
      // Their host end waits for duplicate address detection.
      await until('host → pod, IPv6', () => reaches(host, first.ips[1]?.address ?? ''))
      t.match(network.call('check', one), { code: 0 }, 'CHECK')
      for (const pod of [one, two]) t.match(network.call('del', pod), { code: 0 }, 'DEL')
      t.strictSame(reservations(host), [], 'no address is reserved')
      t.strictSame(
        links(host).filter(name => name !== 'cni0'),
        [],
      )
    })

  const host_local = { ...ipam('dual-stack', 'host-local', theirs) }
  const fixed = {
    type: 'static',
    addresses: [{ address: '10.244.1.9/24', gateway: '10.244.1.1' }, { address: 'fd00:10:244:1::9/64' }],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  }
  for (const their of [host_local, fixed])
    t.test(`their ${their.type} serves our plugin, ${release}`, { skip }, async t => {
      await using host = await Host.start()
      const network = new Network(host, 'pods', '1.0.0', [podwire('dual-stack', { ipam: their })], folder)
      const pod = Pod.make(host, 'one')
      const { ips } = network.add(pod)
      t.strictSame(
        pod.addresses(),
        ips.map(ip => ip.address),
        'the pod has what the result says',
      )
      t.equal(reservations(host, theirs).length, their === host_local ? 2 : 0, 'they hold the addresses')
      t.strictSame(reservations(host), [], 'we do not')
      for (const { address } of ips) t.ok(reaches(host, address), `host → pod ${address}`)
      t.match(network.call('check', pod), { code: 0 }, 'CHECK')
      pod.remove()
      t.match(network.call('del', pod), { code: 0 }, 'DEL, without the namespace')
      t.strictSame(reservations(host, theirs), [], 'they hold no address')
      t.strictSame(leftovers(host), [], 'nothing is left')
    })

  t.test(`our plugin tells what their IPAM refused, ${release}`, { skip }, async t => {
    await using host = await Host.start()
    const full = { type: 'host-local', ranges: [[{ subnet: '10.8.0.0/30' }]], dataDir: theirs }
    const network = new Network(host, 'pods', '1.0.0', [podwire('IPv4', { ipam: full })], folder)
    const [one, two] = [Pod.make(host, 'one'), Pod.make(host, 'two')]
    network.add(one)
    t.match(network.call('add', two).stderr, 'no IP addresses available', 'their message arrives')
    t.strictSame(two.addresses(), [])
    for (const pod of [one, two]) t.match(network.call('del', pod), { code: 0 }, 'DEL')
    one.remove()
    two.remove()
    t.strictSame(leftovers(host), [], 'nothing is left')
  })
}

const newest = referencePlugins.at(-1)?.folder ?? ''
const skip = lacks('cnitool', `${dist}/podwire-ipam`, 'plugins')

t.test('their bridge asks our IPAM whether it can serve', { skip }, async t => {
  await using host = await Host.start()
  const few = { type: 'podwire-ipam', ranges: [[{ subnet: '10.8.0.0/30' }]] }
  const network = new Network(host, 'few', '1.1.0', [{ type: 'bridge', bridge: 'cni0', ipam: few }], newest)
  const pod = Pod.make(host, 'one')
  t.match(network.call('status', pod), { code: 0 })
  network.add(pod)
  t.match(network.call('status', pod).stderr, '10.8.0', 'the range that is exhausted is named')
  network.call('del', pod)
  t.match(network.call('status', pod), { code: 0 })
})

t.test('what their host-local reserved we release, and the other way round', { skip }, async t => {
  await using host = await Host.start()
  const shared = '/run/shared-ipam'
  const ours = new Network(host, 'pods', '1.0.0', [podwire('IPv4', { ipam: ipam('IPv4', 'podwire-ipam', shared) })])
  const pod = Pod.make(host, 'one')
  const call = (type: string, folder: string, command: string) =>
    host.run(`${folder}/${type}`, [], {
      env: { CNI_COMMAND: command, CNI_CONTAINERID: 'x', CNI_NETNS: pod.netns, CNI_IFNAME: 'eth0', CNI_PATH: folder },
      input: JSON.stringify({ cniVersion: '1.0.0', name: 'pods', type: 'any', ipam: ipam('IPv4', type, shared) }),
    })
  call('host-local', newest, 'ADD')
  t.equal(ours.add(pod).ips[0]?.address.startsWith('10.244.1.3/'), true, 'we see what they hold')
  call('podwire-ipam', dist, 'DEL')
  t.equal(reservations(host, shared).length, 1, 'we released theirs')
  ours.call('del', pod)
  call('podwire-ipam', dist, 'ADD')
  t.equal(reservations(host, shared).length, 1)
  call('host-local', newest, 'DEL')
  t.strictSame(reservations(host, shared), [], 'they released ours')
})

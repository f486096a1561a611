// The reference portmap, bandwidth, firewall and tuning chained after us, and us after another plugin: ADD, CHECK, DEL.
import t, { type Test } from 'tap'
import { Network } from './cnitool.ts'
import { type Plugin, podwire } from './conflist.ts'
import { ruleset } from './firewall.ts'
import { Host, hostAddresses } from './host.ts'
import { leftovers } from './leftovers.ts'
import { Pod } from './pod.ts'
import { bare, hear, reaches, serve } from './reach.ts'
import { dist, lacks, referencePlugins } from './tools.ts'

const portmap = { type: 'portmap', capabilities: { portMappings: true } }
const bandwidth = { type: 'bandwidth', ingressRate: 8e6, ingressBurst: 8e5, egressRate: 8e6, egressBurst: 8e5 }
const firewall = { type: 'firewall', backend: 'iptables' }
const mac = 'c2:b0:57:49:47:f1'
const tuning = { type: 'tuning', sysctl: { 'net.ipv4.tcp_syncookies': '2' }, mac, mtu: 1400 }
const mapping = { CAP_ARGS: JSON.stringify({ portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] }) }

const rules = (host: Host): string => host.shell('iptables-save; ip6tables-save') + ruleset(host)

for (const { release, folder, need } of referencePlugins) {
  const skip = lacks('cnitool', 'image', 'ping', 'iptables', 'tc', `${dist}/podwire`, need)

  /** A pod of ours with these plugins after it. */
  const chain = async (...plugins: Plugin[]) => {
    const host = await Host.start()
    const network = new Network(host, 'pods', '1.0.0', [podwire('dual-stack'), ...plugins], folder)
    const pod = Pod.make(host, 'one')
    const result = network.add(pod, mapping)
    const hostLink = result.interfaces.find(({ sandbox }) => !sandbox)?.name ?? ''
    return { host, network, pod, result, hostLink, address: bare(result.ips[0]?.address ?? '') }
  }
  /** CHECK, then DEL of the whole chain. CHECK of portmap 1.1.1 looks for IPv4 rules among the IPv6 ones. */
  const end = (t: Test, { host, network, pod }: Awaited<ReturnType<typeof chain>>, isBroken = false) => {
    if (isBroken)
      t.match(network.call('check', pod, mapping).stderr, 'could not check ipv6 dnat', 'only portmap complains')
    else t.match(network.call('check', pod, mapping), { code: 0, stderr: '' }, 'CHECK')
    t.match(network.call('del', pod, mapping), { code: 0 }, 'DEL')
    pod.remove()
    t.strictSame(leftovers(host), [], 'nothing is left')
  }

  t.test(`portmap, ${release}`, { skip }, async t => {
    const made = await chain(portmap)
    await using host = made.host
    const other = Pod.make(host, 'two')
    made.network.add(other)
    await serve(made.pod, 80, 'hello')
    for (const from of [other, host]) t.equal(hear(from, hostAddresses[0] ?? '', 8080), 'hello')
    t.match(rules(host), made.address)
    made.network.call('del', other)
    other.remove()
    end(t, made, release === 'distribution')
    t.notMatch(rules(host), made.address, 'no rule names the address')
  })

  t.test(`bandwidth, ${release}`, { skip }, async t => {
    const made = await chain(bandwidth)
    await using host = made.host
    t.match(
      host.run('tc', ['qdisc', 'show', 'dev', made.hostLink]),
      /tbf .*rate 8Mbit/,
      'what enters the pod is shaped',
    )
    t.ok(reaches(host, made.address))
    end(t, made)
  })

  t.test(`firewall, ${release}`, { skip }, async t => {
    const made = await chain(firewall)
    await using host = made.host
    t.match(rules(host), made.address)
    t.ok(reaches(made.pod, hostAddresses[0] ?? ''))
    end(t, made)
    t.notMatch(rules(host), made.address, 'no rule names the address')
  })

  t.test(`tuning, ${release}`, { skip }, async t => {
    const made = await chain(tuning)
    await using host = made.host
    t.match(made.pod.link(), { address: mac, mtu: 1400 }, 'what it set is there')
    for (const { address } of made.result.ips) t.ok(reaches(host, address), `the host finds the new MAC of ${address}`)
    end(t, made)
  })

  t.test(`all of them, ${release}`, { skip }, async t => {
    const made = await chain(tuning, bandwidth, firewall, portmap)
    await using host = made.host
    await serve(made.pod, 80, 'hello')
    t.equal(hear(host, hostAddresses[0] ?? '', 8080), 'hello')
    end(t, made, release === 'distribution')
    t.notMatch(rules(host), made.address, 'no rule names the address')
  })

  t.test(`we come after another plugin, ${release}`, { skip }, async t => {
    await using host = await Host.start()
    const network = new Network(host, 'pods', '1.0.0', [{ type: 'loopback' }, podwire('dual-stack')], folder)
    const pod = Pod.make(host, 'one')
    const { interfaces, ips } = network.add(pod)
    t.equal(interfaces[0]?.name, 'lo', 'what the other plugin made stays first')
    t.strictSame(
      ips.filter(ip => interfaces[ip.interface ?? -1]?.name === 'eth0').map(ip => ip.address),
      pod.addresses(),
      'our addresses belong to our interface',
    )
    t.ok(ips.some(ip => ip.address === '127.0.0.1/8' && interfaces[ip.interface ?? -1]?.name === 'lo'))
    for (const address of pod.addresses()) t.ok(reaches(host, address), `host → pod ${address}`)
    t.match(network.call('check', pod), { code: 0, stderr: '' }, 'CHECK')
    t.match(network.call('del', pod), { code: 0 }, 'DEL')
    pod.remove()
    t.strictSame(leftovers(host), [], 'nothing is left')
  })
}

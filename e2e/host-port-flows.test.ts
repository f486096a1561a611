// UDP knows no end: a client that goes on sending from one port reaches the pod that has the node's port now.
import t from 'tap'
import { Attachment, addressesOf, network } from './attachment.ts'
import { Host } from './host.ts'
import { mapped } from './mapped.ts'
import { Pod } from './pod.ts'
import { quietPod } from './state.ts'
import { nodeAddresses, outsideAddresses, surround } from './surroundings.ts'
import { answers, ask } from './talk.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', 'nft', `${dist}/podwire`)
const [here, , here6] = nodeAddresses
const ports = [
  { hostPort: 5300, protocol: 'udp' },
  { hostPort: 5301, protocol: 'udp', hostIP: here },
  { hostPort: 5302, protocol: 'udp', hostIP: '::' },
]
const flows = [
  { protocol: 'udp', address: here, port: 5300, sourcePort: 6000 },
  { protocol: 'udp', address: here6, port: 5300, sourcePort: 6001 },
  { protocol: 'udp', address: here, port: 5301, sourcePort: 6002 },
  { protocol: 'udp', address: here6, port: 5302, sourcePort: 6003 },
] as const

t.test('a client that sends from one port all the time reaches whoever has the port now', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  // With a pod there, the kernel tracks flows from the beginning.
  const client = mapped(host, 'client', { hostPort: 9000 })
  client.add()
  const callers = { outside, node: host, client: new Pod(host, client.netns) }
  const heard = () =>
    Object.fromEntries(
      Object.entries(callers).map(([from, place]) => [from, ask(place, flows).map(text => text.split(' ')[0])]),
    )
  const all = (name: string) => Object.fromEntries(Object.keys(callers).map(from => [from, flows.map(() => name)]))

  t.strictSame(heard(), all(''), 'nobody is there')
  for (const name of ['first', 'second']) {
    const server = mapped(host, name, ...ports)
    server.add()
    await answers(new Pod(host, server.netns), name, 80)
    t.strictSame(heard(), all(name), `the ${name} pod`)
    t.match(server.call('DEL'), { code: 0 })
  }
  t.strictSame(heard(), all(''), 'nobody any more')
})

const services = ['10.96.0.10', 'fd00:96::10'] as const

t.test('flows of others to ports of the same number go on as they were', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  const config = network('pods', { ipMasq: true })
  const [client, dns] = [quietPod(host, 'client'), quietPod(host, 'dns')]
  new Attachment(host, 'client', client.netns, { config }).add()
  const [dns4, dns6] = addressesOf(new Attachment(host, 'dns', dns.netns, { config }).add())
  await answers(outside, 'outside', 443)
  await answers(dns, 'dns', 53)
  host.run('nft', [
    `table inet services {
      chain prerouting { type nat hook prerouting priority dstnat;
        ip daddr ${services[0]} udp dport 53 dnat ip to ${dns4}
        ip6 daddr ${services[1]} udp dport 53 dnat ip6 to ${dns6}
      }
    }`,
  ])
  // A masquerade made anew has another port, by chance.
  outside.run('nft', [
    `table inet seen {
      set ports4 { type inet_service; flags dynamic; size 99; }
      set ports6 { type inet_service; flags dynamic; size 99; }
      chain input { type filter hook input priority 0;
        meta nfproto ipv4 udp dport 443 add @ports4 { udp sport }
        meta nfproto ipv6 udp dport 443 add @ports6 { udp sport }
      }
    }`,
  ])
  const questions = [
    ...outsideAddresses.map(address => ({ protocol: 'udp', address, port: 443 }) as const),
    ...services.map(address => ({ protocol: 'udp', address, port: 53 }) as const),
  ].map((question, at) => ({ ...question, sourcePort: 7000 + at }))
  const heard = () => ({
    names: ask(client, questions).map(text => text.split(' ')[0]),
    ports: outside.run('nft', ['list', 'table', 'inet', 'seen']).match(/elements = .*/g),
  })

  const first = heard()
  const onePort = /^elements = \{ \d+ \}$/
  t.match(first, { names: ['outside', 'outside', 'dns', 'dns'], ports: [onePort, onePort] })
  // From here on the service is for those alone who are remembered.
  host.run('nft', ['delete', 'table', 'inet', 'services'])
  for (const [name, hostIPs] of Object.entries({ every: [''], some: [here, here6] })) {
    const ports = hostIPs.flatMap(hostIP =>
      [53, 443].map(port => ({ hostPort: port, containerPort: port, protocol: 'udp', hostIP })),
    )
    const server = mapped(host, name, ...ports)
    server.add()
    t.strictSame(heard(), first, `another pod has the ports, of ${name} addresses`)
    t.match(server.call('DEL'), { code: 0 })
    t.strictSame(heard(), first, 'and has them no more')
  }
})

t.test('flows of a moment without the table go on by its rules once it is there again', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  const client = quietPod(host, 'client')
  new Attachment(host, 'client', client.netns, { config: network('pods', { ipMasq: true }) }).add()
  const server = mapped(host, 'server', ...ports)
  server.add()
  await answers(new Pod(host, server.netns), 'server', 80)
  await answers(outside, 'outside', 443)
  // As kube-proxy does, somebody else has flows tracked and translated.
  host.run('nft', [
    `table inet other {
      chain before { type nat hook prerouting priority dstnat; ct state new counter; }
      chain after { type nat hook postrouting priority srcnat; ct state new counter; }
    }`,
  ])
  const leaving = outsideAddresses.map(
    (address, at) => ({ protocol: 'udp', address, port: 443, sourcePort: 7100 + at }) as const,
  )
  const heard = () => [ask(client, leaving), ask(outside, flows)].map(texts => texts.map(text => text.split(' ')[0]))

  host.run('nft', ['delete', 'table', 'inet', 'podwire'])
  t.strictSame(heard(), [leaving.map(() => ''), flows.map(() => '')])
  t.match(mapped(host, 'other').add(), { interfaces: [] }, 'an ADD makes it anew')
  t.strictSame(heard(), [leaving.map(() => 'outside'), flows.map(() => 'server')])
})

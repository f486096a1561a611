// A port of the node belongs to one pod: who asks for it second is told whose it is; who is gone has none.
import t from 'tap'
import { Attachment, network } from './attachment.ts'
import { complaintAbout } from './error-document.ts'
import { Host } from './host.ts'
import { leftovers } from './leftovers.ts'
import { hostEnd, type Mapping, mapped, withPorts } from './mapped.ts'
import { Pod } from './pod.ts'
import { quietPod, stateOf } from './state.ts'
import { nodeAddresses, surround } from './surroundings.ts'
import { answers, ask } from './talk.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', 'nft', `${dist}/podwire`)
const [here, alsoHere, here6] = nodeAddresses

interface Rivals {
  readonly first: Partial<Mapping>
  readonly second: Partial<Mapping>
  readonly isTaken: boolean
}

const rivals: readonly Rivals[] = [
  { first: {}, second: {}, isTaken: true },
  { first: { protocol: 'TCP' }, second: {}, isTaken: true },
  { first: { protocol: 'udp' }, second: { protocol: 'udp' }, isTaken: true },
  { first: { protocol: 'sctp' }, second: { protocol: 'sctp' }, isTaken: true },
  { first: { hostIP: '0.0.0.0' }, second: { hostIP: here }, isTaken: true },
  { first: { hostIP: here }, second: { hostIP: '0.0.0.0' }, isTaken: true },
  { first: { hostIP: '::' }, second: { hostIP: here6 }, isTaken: true },
  { first: { hostIP: here6 }, second: { hostIP: '::' }, isTaken: true },
  { first: {}, second: { hostIP: here }, isTaken: true },
  { first: { hostIP: here6 }, second: {}, isTaken: true },
  { first: { hostIP: here }, second: { hostIP: here }, isTaken: true },
  { first: { hostIP: here }, second: { hostIP: alsoHere }, isTaken: false },
  { first: { hostIP: '0.0.0.0' }, second: { hostIP: '::' }, isTaken: false },
  { first: { hostIP: '0.0.0.0' }, second: { hostIP: here6 }, isTaken: false },
  { first: { protocol: 'tcp' }, second: { protocol: 'udp' }, isTaken: false },
]

const said = ({ protocol = 'tcp', hostIP = 'every address' }: Partial<Mapping>) => `${protocol} of ${hostIP}`

t.test('of two that want one port the second is told whose it is, and changes nothing', { skip }, async t => {
  await using host = await Host.start()
  for (const [index, { first, second, isTaken }] of rivals.entries()) {
    const hostPort = 8000 + index
    const holder = mapped(host, `holder${index}`, { hostPort, ...first })
    const rival = mapped(host, `rival${index}`, { hostPort: 9000, protocol: 'udp' }, { hostPort, ...second })
    holder.add()
    const before = stateOf(host)
    const { code, stdout } = rival.call('ADD')
    const what = `${said(first)}, then ${said(second)}`
    if (isTaken) {
      const says = new RegExp(`${hostPort}.*holder${index}`)
      t.equal(complaintAbout(code, stdout, 109, says), '', `${what}: ${stdout}`)
      t.strictSame(stateOf(host), before, `${what}: nothing changed`)
      t.match(holder.call('DEL'), { code: 0 })
      t.match(rival.call('ADD'), { code: 0 }, `${what}: the port is free after DEL`)
    } else t.equal(code, 0, `${what}: ${stdout}`)
    for (const attachment of [holder, rival]) {
      t.match(attachment.call('DEL'), { code: 0 })
      new Pod(host, attachment.netns).remove()
    }
  }
  t.strictSame(leftovers(host), [], 'nothing is left')
})

t.test('a container on two networks keeps its ports on the first', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  const first = mapped(host, 'one', { hostPort: 8080 })
  first.add()
  const ipam = { type: 'podwire-ipam', ranges: [[{ subnet: '10.9.0.0/24' }]] }
  const config = network('others', { ipam, ...withPorts({ hostPort: 8080 }) })
  const second = new Attachment(host, 'one', first.netns, { config, interfaceName: 'net1' })
  second.add()
  await answers(new Pod(host, first.netns), 'one', 80)
  const question = { protocol: 'tcp', address: here, port: 8080 } as const
  t.match(ask(outside, [question]), ['one 192.0.2.2'])
  t.match(second.call('DEL'), { code: 0 })
  t.match(ask(outside, [question]), ['one 192.0.2.2'], 'and when the second is gone')
})

const departures = {
  'whose namespace is gone': (holder: Attachment) => new Pod(holder.host, holder.netns).remove(),
  'whose link is gone': (holder: Attachment, link: string) => holder.host.run('ip', ['link', 'delete', link]),
  'whose record is gone': (holder: Attachment, link: string) =>
    holder.host.run('rm', [`/run/podwire/attachments/${link}`]),
}

for (const [which, depart] of Object.entries(departures))
  t.test(`a pod ${which} keeps no port from the next, and its DEL takes none`, { skip }, async t => {
    await using host = await Host.start()
    const { outside } = surround(host)
    const ports = [
      { hostPort: 8080 },
      { hostPort: 8081, hostIP: '0.0.0.0', protocol: 'udp' },
      { hostPort: 8082, hostIP: here6 },
    ]
    const questions = [
      { protocol: 'tcp', address: here, port: 8080 },
      { protocol: 'udp', address: here, port: 8081 },
      { protocol: 'tcp', address: here6, port: 8082 },
    ] as const
    const [holder, next] = [mapped(host, 'holder', ...ports), mapped(host, 'next', ...ports)]
    depart(holder, hostEnd(holder.add()))
    const result = next.call('ADD')
    t.equal(result.code, 0, result.stdout)
    const pod = new Pod(host, next.netns)
    await answers(pod, 'next', 80)
    const wanted = ['next 192.0.2.2', 'next 192.0.2.2', 'next 2001:db8:1::2']
    t.strictSame(ask(outside, questions), wanted)
    t.match(holder.call('DEL'), { code: 0 }, 'the DEL that comes late')
    t.strictSame(ask(outside, questions), wanted, 'and after it')
  })

t.test('a port of an address that comes later waits for it', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  const server = new Attachment(host, 'one', quietPod(host, 'one').netns, {
    config: network('pods', withPorts({ hostPort: 8080, hostIP: '192.0.2.77' })),
  })
  server.add()
  await answers(new Pod(host, server.netns), 'one', 80)
  const question = { protocol: 'tcp', address: '192.0.2.77', port: 8080 } as const
  t.strictSame(ask(outside, [question]), [''])
  host.run('ip', ['address', 'add', '192.0.2.77/24', 'dev', 'outside'])
  t.strictSame(ask(outside, [question]), ['one 192.0.2.2'])
})

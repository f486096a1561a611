// A pod sends from its own addresses alone; what it sends from others is dropped and counted, and IPv6 has what it needs.
import t from 'tap'
import { Attachment, network } from './attachment.ts'
import { spoofedPackets } from './firewall.ts'
import { Host } from './host.ts'
import { Pod } from './pod.ts'
import { bare, reaches } from './reach.ts'
import { outsideAddresses, surround } from './surroundings.ts'
import { dist, lacks } from './tools.ts'
import { until } from './until.ts'

const skip = lacks('ip', 'nft', 'ping', `${dist}/podwire`)
const foreign = ['203.0.113.77', '2001:db8:77::77']

interface Scene {
  readonly host: Host
  readonly outside: Pod
  readonly pod: Pod
  readonly own: readonly string[]
  readonly neighbour: Pod
  readonly neighbours: readonly string[]
}

async function scene(more: object = {}): Promise<Scene> {
  const host = await Host.start()
  // What is dropped is dropped by us.
  host.shell('for name in all default; do echo 0 >/proc/sys/net/ipv4/conf/$name/rp_filter; done')
  const { outside } = surround(host)
  const config = network('pods', more)
  const [pod, neighbour] = [Pod.make(host, 'pod'), Pod.make(host, 'neighbour')]
  const attach = (name: string, { netns }: Pod) =>
    new Attachment(host, name, netns, { config }).add().ips.map(({ address }) => bare(address))
  return { host, outside, pod, own: attach('pod', pod), neighbour, neighbours: attach('neighbour', neighbour) }
}

/** Sends one echo request as somebody, and says whether it arrived. */
function arrives(from: Pod, source: string, to: Pod, target: string): boolean {
  const before = echoRequests(to)
  const length = source.includes(':') ? 128 : 32
  from.run('ip', ['address', 'add', `${source}/${length}`, 'dev', 'lo', ...(length === 128 ? ['nodad'] : [])])
  from.attempt('ping', ['-n', '-c1', '-W0.3', '-I', source, target])
  from.run('ip', ['address', 'delete', `${source}/${length}`, 'dev', 'lo'])
  return echoRequests(to) > before
}

/** How many have arrived, of both families. */
function echoRequests(pod: Pod): number {
  const [names = '', values = ''] = pod.run('grep', ['^Icmp:', '/proc/net/snmp']).split('\n')
  const ipv4 = values.split(' ')[names.split(' ').indexOf('InEchos')]
  const ipv6 = /Icmp6InEchos\s+(\d+)/.exec(pod.run('cat', ['/proc/net/snmp6']))?.[1]
  return Number(ipv4) + Number(ipv6)
}

const remembered = (host: Host): string => host.run('nft', ['list', 'table', 'inet', 'podwire'])

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

const ofFamily = (addresses: readonly string[], like: string): string =>
  addresses.find(address => address.includes(':') === like.includes(':')) ?? ''

t.test('what a pod sends as somebody else is dropped, and counted', { skip }, async t => {
  const { host, outside, pod, own, neighbour, neighbours } = await scene()
  await using _ = host
  // What is remembered of the neighbour is not the pod's.
  for (const address of own) t.ok(reaches(neighbour, address))
  for (const source of [...foreign, ...outsideAddresses]) {
    const before = spoofedPackets(host)
    t.notOk(arrives(pod, source, neighbour, ofFamily(neighbours, source)), `as ${source} to a pod`)
    t.equal(spoofedPackets(host), before + 1, 'counted')
  }
  for (const source of neighbours) {
    const before = spoofedPackets(host)
    t.notOk(arrives(pod, source, outside, ofFamily(outsideAddresses, source)), `as its neighbour, ${source}`)
    t.equal(spoofedPackets(host), before + 1, 'counted')
  }
})

t.test('what it sends as itself passes, and so does what IPv6 says by itself', { skip }, async t => {
  const { host, pod, own, neighbour, neighbours } = await scene()
  await using _ = host
  const [link = ''] = host.run('ip', ['route', 'get', own[0] ?? '']).match(/pw\w+/) ?? []
  for (const address of neighbours) t.ok(reaches(pod, address), `to ${address}`)
  for (const address of own) t.ok(reaches(neighbour, address), `from ${address}`)
  // The host asks anew who has the address: ND.
  for (const family of ['-4', '-6']) host.run('ip', [family, 'neighbour', 'flush', 'dev', link])
  for (const address of own) t.ok(reaches(host, address), `the host finds ${address}`)
  // A link-local of one's own.
  t.equal(pod.attempt('ping', ['-n', '-c1', '-W1', 'fe80::1%eth0']).code, 0, 'the gateway')
  // An address with duplicate address detection: asks from ::, and joins a multicast group.
  pod.run('ip', ['address', 'add', '2001:db8:99::1/128', 'dev', 'eth0'])
  await until('it is nobody else’s', () => !pod.run('ip', ['address', 'show', 'dev', 'eth0']).includes('tentative'))
  t.equal(spoofedPackets(host), 0, 'none of that is spoofing')
  t.notMatch(remembered(host), / \. (::|0\.0\.0\.0)[ ,]/, 'nobody’s address is not remembered as its own')
})

t.test('what it sends as itself passes also where no more addresses can be remembered', { skip }, async t => {
  const { host, pod, own, neighbours } = await scene()
  await using _ = host
  for (const [set, address] of Object.entries({ senders4: '192.0.2.1', senders6: '2001:db8::1' })) {
    const add = (interfaceNumber: number) =>
      `add element inet podwire ${set} { ${interfaceNumber} . ${address} timeout 1h }\n`
    host.run('nft', ['-f', '-'], { input: numbers(1000, 5000).map(add).join('') })
    // Some of the room was taken, so that these are too many.
    for (const number of numbers(5000, 5096)) host.attempt('nft', ['-f', '-'], { input: add(number) })
  }
  for (const address of neighbours) t.ok(reaches(pod, address), `to ${address}`)
  for (const address of own) t.notMatch(remembered(host), address)
  t.equal(spoofedPackets(host), 0)
})

t.test('an interface of one network is not the way for addresses of another', { skip }, async t => {
  const { host, pod, neighbour, neighbours } = await scene()
  await using _ = host
  const ipam = { type: 'podwire-ipam', ranges: [[{ subnet: '10.9.0.0/24' }]], routes: [] }
  const options = { config: network('others', { ipam }), interfaceName: 'net1' }
  const { ips } = new Attachment(host, 'pod', pod.netns, options).add()
  const [target = ''] = neighbours
  pod.attempt('ping', ['-n', '-c1', '-W0.3', '-I', bare(ips[0]?.address ?? ''), target])
  t.equal(echoRequests(neighbour), 0)
  t.equal(spoofedPackets(host), 1, 'counted')
})

t.test('antiSpoof false lets it pass', { skip }, async t => {
  const { host, pod, neighbour, neighbours } = await scene({ antiSpoof: false })
  await using _ = host
  for (const source of foreign) t.ok(arrives(pod, source, neighbour, ofFamily(neighbours, source)), `as ${source}`)
})

// cnitool drives every verb that it has, at every version of lists, in every family.
import t from 'tap'
import { collect, Network } from './cnitool.ts'
import { type Family, podwire } from './conflist.ts'
import { Host, hostAddresses } from './host.ts'
import { leftovers, reservations } from './leftovers.ts'
import { Pod } from './pod.ts'
import { reaches } from './reach.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('cnitool', 'ping', 'ip', `${dist}/podwire`)
const versions = ['0.3.1', '0.4.0', '1.0.0', '1.1.0']
const families: Family[] = ['IPv4', 'IPv6', 'dual-stack']
const ofFamily = (family: Family) => (address: string) =>
  family === 'dual-stack' || address.includes(':') === (family === 'IPv6')

for (const version of versions)
  for (const family of families)
    t.test(`${version}, ${family}: pods have what the result says and reach each other at once`, { skip }, async t => {
      await using host = await Host.start()
      const network = new Network(host, 'pods', version, [podwire(family)])
      const [one, two] = [Pod.make(host, 'one'), Pod.make(host, 'two')]
      const [first, second] = [network.add(one), network.add(two)]

      t.equal(first.cniVersion, version, 'the result has the version asked for')
      t.equal(first.ips.length, family === 'dual-stack' ? 2 : 1, 'one address a family')
      t.strictSame(
        one.addresses(),
        first.ips.map(ip => ip.address),
      )
      t.strictSame(
        two.addresses(),
        second.ips.map(ip => ip.address),
      )
      for (const { address } of second.ips) t.ok(reaches(one, address), `pod → pod ${address}`)
      for (const { address } of first.ips) t.ok(reaches(two, address), `pod ← pod ${address}`)
      for (const { address } of first.ips) t.ok(reaches(host, address), `host → pod ${address}`)
      for (const address of hostAddresses.filter(ofFamily(family))) t.ok(reaches(one, address), `pod → host ${address}`)

      if (version !== '0.3.1') t.match(network.call('check', one), { code: 0, stderr: '' }, 'CHECK finds all in order')
      for (const pod of [one, two, two]) t.match(network.call('del', pod), { code: 0 }, 'DEL, the second time too')
      t.strictSame(one.addresses(), [], 'the address is gone')
      one.remove()
      two.remove()
      t.strictSame(reservations(host), [], 'no address is reserved')
      t.strictSame(leftovers(host), [], 'nothing is left')
    })

t.test('CHECK names what somebody took away', { skip }, async t => {
  await using host = await Host.start()
  const network = new Network(host, 'pods', '1.0.0', [podwire('IPv4')])
  const pod = Pod.make(host, 'one')
  const address = network.add(pod).ips[0]?.address ?? ''
  pod.run('ip', ['address', 'del', address, 'dev', 'eth0'])
  const outcome = network.call('check', pod)
  t.not(outcome.code, 0)
  t.match(outcome.stderr, address.split('/')[0], 'the address is named')
})

t.test('DEL after the namespace has gone gives everything back', { skip }, async t => {
  await using host = await Host.start()
  const network = new Network(host, 'pods', '1.0.0', [podwire('dual-stack')])
  const pod = Pod.make(host, 'one')
  network.add(pod)
  t.equal(reservations(host).length, 2)
  pod.remove()
  t.match(network.call('del', pod), { code: 0 })
  t.strictSame(leftovers(host), [], 'nothing is left')
})

t.test('cnitool gc removes what it knows of, and is told that it sends no list', { skip }, async t => {
  await using host = await Host.start()
  const network = new Network(host, 'pods', '1.1.0', [podwire('dual-stack')])
  const [known, forgotten] = [Pod.make(host, 'known'), Pod.make(host, 'forgotten')]
  const { ips } = network.add(forgotten)
  host.shell('rm /var/lib/cni/results/*')
  network.add(known)
  t.match(network.call('gc', known).stderr, 'cni.dev/valid-attachments')
  t.strictSame(known.addresses(), [])
  t.strictSame(
    forgotten.addresses(),
    ips.map(ip => ip.address),
    'nothing else is touched',
  )
})

t.test('GC takes what is not on the list, and only of that network', { skip }, async t => {
  await using host = await Host.start()
  const plugin = podwire('dual-stack')
  const network = new Network(host, 'pods', '1.1.0', [plugin])
  const ipam = { type: 'podwire-ipam', ranges: [[{ subnet: '10.9.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] }
  const other = new Network(host, 'others', '1.1.0', [podwire('IPv4', { ipam })])
  const [one, two] = [Pod.make(host, 'one'), Pod.make(host, 'two')]
  network.add(one)
  const kept = other.add(two)
  collect(host, 'pods', plugin, [])
  t.strictSame(one.addresses(), [], 'the interface is gone')
  t.strictSame(
    reservations(host).map(path => path.split('/').at(-2)),
    ['others'],
  )
  t.ok(reaches(host, kept.ips[0]?.address ?? ''), 'the other network works on')
  t.match(other.call('del', two), { code: 0 })
  t.match(network.call('del', one), { code: 0 }, 'DEL after GC')
  one.remove()
  two.remove()
  t.strictSame(leftovers(host), [], 'nothing is left')
})

t.test('STATUS tells of exhaustion, and of its end', { skip }, async t => {
  await using host = await Host.start()
  const ipam = { type: 'podwire-ipam', ranges: [[{ subnet: '10.8.0.0/30' }]] }
  const network = new Network(host, 'few', '1.1.0', [podwire('IPv4', { ipam })])
  const [one, two] = [Pod.make(host, 'one'), Pod.make(host, 'two')]
  t.match(network.call('status', one), { code: 0 })
  network.add(one)
  const full = network.call('status', one)
  t.not(full.code, 0)
  t.match(full.stderr, '10.8.0', 'the range is named')
  t.throws(() => network.add(two), { message: /10\.8\.0/ }, 'the next pod is refused')
  network.call('del', two)
  network.call('del', one)
  t.match(network.call('status', one), { code: 0 })
})

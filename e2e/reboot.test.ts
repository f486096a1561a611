// What a persistent dataDir holds after a reboot, after the restart of a node that is a container, and when /run/podwire is lost while pods live.
import t from 'tap'
import { Attachment, addressesOf, listOf, network } from './attachment.ts'
import { ipam } from './conflist.ts'
import { Host } from './host.ts'
import { reaches } from './reach.ts'
import { reboot, restart } from './reboot.ts'
import { quietPod, stateOf } from './state.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', 'ping', `${dist}/podwire`)
const persistent = '/var/lib/podwire'
const done = { code: 0, stdout: '', stderr: '' }
const onDisk = (ranges?: object) =>
  network('pods', { ipam: { ...ipam('dual-stack', 'podwire-ipam', persistent), ...(ranges && { ranges }) } })
// Two addresses a family.
const few = [[{ subnet: '10.8.0.0/29', rangeEnd: '10.8.0.3' }], [{ subnet: 'fd00:8::/125', rangeEnd: 'fd00:8::3' }]]

const attach = (host: Host, id: string, config: object): Attachment =>
  new Attachment(host, id, quietPod(host, id).netns, { config })

const reservations = (host: Host): string[] =>
  stateOf(host, persistent).filter(line => line.startsWith(`${persistent}/pods/`))

const reserved = (id: string, addresses: readonly string[]): string[] =>
  addresses.map(address => `${persistent}/pods/${address}: ${id}\r\neth0`)

for (const [what, goDown] of [
  ['a reboot', reboot],
  ['the restart of a node that is a container', restart],
] as const) {
  t.test(`after ${what} the addresses of pods that are gone are free`, { skip }, async t => {
    await using host = await Host.start()
    const config = onDisk(few)
    for (const id of ['a', 'b']) attach(host, id, config).add()
    t.match(attach(host, 'c', config).call('ADD').stdout, '"code":11', 'all are taken')
    await goDown(host)
    t.equal(reservations(host).length, 4, 'and still are, by pods that are gone')
    const first = attach(host, 'd', config)
    t.match(first.call('STATUS'), done, 'STATUS is not misled')
    const [one, two] = [first.add(), attach(host, 'e', config).add()]
    t.strictSame(
      reservations(host),
      [...reserved('d', addressesOf(one)), ...reserved('e', addressesOf(two))].toSorted(),
      'reserved is what the new pods have',
    )
  })

  t.test(`DEL and GC of what was before ${what}`, { skip }, async t => {
    await using host = await Host.start()
    const config = onDisk()
    const [deleted, collected] = [attach(host, 'a', config), attach(host, 'b', config)]
    for (const attachment of [deleted, collected]) attachment.add()
    await goDown(host)
    t.match(deleted.call('DEL'), done, 'DEL, without record and namespace')
    t.match(collected.collect(), done, 'GC')
    t.match(collected.call('DEL'), done, 'DEL after GC')
    t.strictSame(reservations(host), [])
    const later = attach(host, 'a', config)
    const result = later.add()
    t.match(deleted.call('CHECK', { prevResult: result }), done, 'the same container starts anew')
    t.match(collected.collect(later), done)
    t.strictSame(reservations(host), reserved('a', addressesOf(result)))
  })
}

t.test('/run/podwire is lost while pods live: on a persistent dataDir they keep their addresses', { skip }, async t => {
  await using host = await Host.start()
  const config = onDisk(few)
  const living = attach(host, 'living', config)
  const empty = stateOf(host)
  const result = living.add()
  const before = reservations(host)
  host.shell('rm -r /run/podwire')
  const late = attach(host, 'late', config)
  const given = addressesOf(late.add())
  t.notOk(
    given.some(address => addressesOf(result).includes(address)),
    'nobody else gets them',
  )
  t.strictSame(reservations(host), [...before, ...reserved('late', given)].toSorted(), 'they stay reserved')
  t.match(living.call('CHECK', { prevResult: result }), done)
  for (const address of addressesOf(result)) t.ok(reaches(host, address), `${address} is reached`)
  t.match(attach(host, 'none', config).call('ADD').stdout, '"code":11', 'and not even the last pod gets them')
  t.match(late.collect(living, late), done, 'GC that has them on its list keeps them')
  t.match(living.call('CHECK', { prevResult: result }), done)
  t.match(living.call('DEL'), done)
  t.strictSame(reservations(host), reserved('late', given), 'DEL gives them back')
  t.match(late.call('DEL'), done)
  for (const id of ['late', 'none']) host.run('ip', ['netns', 'delete', id])
  t.strictSame(stateOf(host), empty, 'nothing is left')
})

t.test('/run/podwire is lost with the reservations: no living pod loses its address', { skip }, async t => {
  await using host = await Host.start()
  const living = attach(host, 'living', network('pods'))
  const empty = stateOf(host)
  const result = living.add()
  host.shell('rm -r /run/podwire')
  const late = attach(host, 'late', network('pods'))
  // The kernel has a route to it: refused is that one address, and then there is another.
  const outcomes = [late.call('ADD'), late.call('ADD')]
  const served = outcomes.find(({ code }) => code === 0)
  t.ok(served, `the second try at the latest: ${outcomes.map(({ stdout }) => stdout)}`)
  t.notOk(
    addressesOf(JSON.parse(served?.stdout ?? '{"ips":[]}')).some(address => addressesOf(result).includes(address)),
  )
  for (const address of addressesOf(result)) t.ok(reaches(host, address), `${address} is reached`)
  t.match(late.call('GC', listOf([])), done, 'GC finds links that have no record')
  t.match(living.call('DEL'), done)
  host.run('ip', ['netns', 'delete', 'late'])
  t.strictSame(stateOf(host), empty, 'nothing is left')
})

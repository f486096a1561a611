import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { parseBasics } from './config.ts'
import { gc, validAttachments } from './gc.ts'
import { recordedParts, type World } from './recorded-parts.ts'

const nameOf = (containerId: string, network = 'pods') => hostInterfaceName(network, containerId, 'eth0')
const config = (more: object) => parseBasics({ cniVersion: '1.1.0', name: 'pods', ...more })
const valid = (...ids: string[]) => ({
  'cni.dev/valid-attachments': ids.map(containerID => ({ containerID, ifname: 'eth0' })),
})
const attachment = (containerId: string, network = 'pods') => ({
  network,
  containerId,
  interfaceName: 'eth0',
  hostInterface: nameOf(containerId, network),
  netns: '/gone',
  dataDir: '/data',
  addresses: [`10.1.0.${containerId.length}`],
})

function attempt(t: Test, given: Partial<World> = {}) {
  const directory = `${t.testdir({})}/attachments`
  const recorded = recordedParts({ directory, ...given })
  const make = (...all: ReturnType<typeof attachment>[]) => {
    for (const one of all) {
      recorded.records.write(one.hostInterface, one)
      recorded.world.links.add(one.hostInterface)
    }
  }
  const run = (more: object) => gc(config(more), recorded.parts)
  return { ...recorded, make, run }
}

t.test('what is not on the list goes as a whole, what is on it stays', async t => {
  const { run, make, calls, records, world } = attempt(t)
  make(attachment('a'), attachment('bb'), attachment('ccc'))
  await run(valid('bb'))
  t.strictSame(calls, [
    ...['a', 'ccc']
      .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
      .flatMap(id => [`disconnect ${nameOf(id)}`, `release at /data ${id} eth0 10.1.0.${id.length}`]),
    'collect valid [bb eth0] may release stale: true',
  ])
  t.strictSame(Array.from(world.links), [nameOf('bb')])
  t.strictSame(
    records.list('pw').map(([name]) => name),
    [nameOf('bb')],
  )
})

t.test('an empty list says that nothing is valid', async t => {
  const { run, make, world, records } = attempt(t)
  make(attachment('a'), attachment('bb'))
  await run(valid())
  t.equal(world.links.size, 0)
  t.strictSame(records.list('pw'), [])
})

t.test('no list says nothing, and nothing is removed', async t => {
  const { run, make, calls, world } = attempt(t)
  make(attachment('a'))
  const lists: object[] = [
    {},
    { 'cni.dev/valid-attachments': null },
    { 'cni.dev/valid-attachments': 'all' },
    { 'cni.dev/valid-attachments': {} },
    { 'cni.dev/valid-attachments': [{ containerID: 'a' }] },
    { 'cni.dev/valid-attachments': [null] },
    { 'cni.dev/valid-attachments': [{ containerID: 5, ifname: 'eth0' }] },
  ]
  for (const list of lists)
    await t.rejects(run(list), { code: 'CONFIG_INVALID', message: /^cni\.dev\/valid-attachments must be a list of/ })
  t.strictSame(calls, [])
  t.equal(world.links.size, 1)
})

t.test('the key of older runtimes is read where there is no other', async t => {
  const old = { 'cni.dev/attachments': [{ containerID: 'a', ifname: 'net1' }] }
  t.strictSame(validAttachments(config(old)), [{ containerId: 'a', interfaceName: 'net1' }])
  t.strictSame(validAttachments(config({ ...old, ...valid('bb') })), [{ containerId: 'bb', interfaceName: 'eth0' }])
  t.strictSame(validAttachments(config({ ...old, ...valid() })), [])
})

t.test('another network is left alone', async t => {
  const { run, make, world, records } = attempt(t)
  make(attachment('a', 'storage'))
  world.links.add('veth0')
  await run(valid())
  t.strictSame(Array.from(world.links), [nameOf('a', 'storage'), 'veth0'])
  t.equal(records.list('pw').length, 1)
})

t.test('a link without a record goes too', async t => {
  const { run, world, calls } = attempt(t, { links: new Set([nameOf('a')]) })
  await run(valid())
  t.equal(world.links.size, 0)
  t.strictSame(calls, [`disconnect ${nameOf('a')}`, 'collect valid [] may release stale: true'])
})

t.test('what is left in the node’s table goes too, where nothing else is left', async t => {
  const published = new Set([nameOf('a'), nameOf('a', 'storage'), nameOf('bb')])
  const { run, world } = attempt(t, { published })
  await run(valid('bb'))
  t.same(world.published, new Set([nameOf('a', 'storage'), nameOf('bb')]))
})

t.test('half a record, which SIGKILL left, goes with its link', async t => {
  const { run, world } = attempt(t, { links: new Set([nameOf('a')]) })
  mkdirSync(world.directory)
  writeFileSync(`${world.directory}/${nameOf('a')}.new`, '{"net')
  writeFileSync(`${world.directory}/${nameOf('bb')}`, '')
  await run(valid())
  t.strictSame(readdirSync(world.directory), [])
  t.equal(world.links.size, 0)
})

t.test('whose link cannot go keeps its address; the rest goes on, and the failure is told', async t => {
  const { run, make, calls, records, world } = attempt(t, { faults: { disconnect: new Error('link is busy') } })
  make(attachment('stale'), attachment('bb'))
  await t.rejects(run(valid()), { code: 'LEFT_BEHIND', message: 'link is busy' })
  t.notOk(calls.some(call => call.startsWith('release')))
  t.ok(calls.includes('collect valid [] may release stale: false'), 'nor are reservations of it collected')
  t.equal(records.list('pw').length, 2)
  t.equal(world.links.size, 2)
})

t.test('failures of several kinds are all told', async t => {
  const { run, make } = attempt(t, { faults: { release: new Error('lock held'), collect: new Error('disk gone') } })
  make(attachment('a'), attachment('bb'))
  await t.rejects(run(valid()), { code: 'LEFT_BEHIND', message: 'lock held; disk gone' })
})

t.test('a config without an ipam collects links and records all the same', async t => {
  const { make, parts, world } = attempt(t)
  make(attachment('a'))
  await gc(config(valid()), { ...parts, ipam: undefined })
  t.equal(world.links.size, 0)
})

t.test('a config of before 1.1.0 has no GC', async t => {
  await t.rejects(attempt(t).run({ cniVersion: '1.0.0', ...valid() }), {
    code: 'VERSION_UNSUPPORTED',
    message: 'config version does not allow GC',
  })
})

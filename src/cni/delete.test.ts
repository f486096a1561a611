import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { parseBasics } from './config.ts'
import { del } from './delete.ts'
import { recordedParts, type World } from './recorded-parts.ts'

const name = hostInterfaceName('pods', 'c1', 'eth0')
const request = { containerId: 'c1', interfaceName: 'eth0', netns: '', arguments: '', netnsOverride: false }
const attachment = { network: 'pods', containerId: 'c1', interfaceName: 'eth0', hostInterface: name, netns: '/gone' }

function attempt(t: Test, given: Partial<World> = {}) {
  const recorded = recordedParts({ directory: `${t.testdir({})}/attachments`, ...given })
  const run = (parts = recorded.parts) => del(request, parseBasics({ name: 'pods' }), parts)
  return { ...recorded, run }
}

t.test('link first, then address, record last', async t => {
  const { run, calls, records } = attempt(t)
  records.write(name, { ...attachment, dataDir: '/data', addresses: ['10.1.0.2', 'fd00::2'] })
  await run()
  t.strictSame(calls, [`disconnect ${name}`, 'release at /data c1 eth0 10.1.0.2,fd00::2'])
  t.equal(records.read(name), undefined)
})

t.test('the record says which directory, whatever the config says by now', async t => {
  const { run, calls, records, parts } = attempt(t)
  records.write(name, { ...attachment, dataDir: '/old', addresses: ['10.1.0.2'] })
  await run({ ...parts, ipam: undefined })
  t.strictSame(calls, [`disconnect ${name}`, 'release at /old c1 eth0 10.1.0.2'])
})

t.test('without a record the config’s IPAM is asked for all that the owner has', async t => {
  const { run, calls, parts } = attempt(t)
  await run()
  t.strictSame(calls, [`disconnect ${name}`, 'release c1 eth0 all'])
  await t.resolves(run({ ...parts, ipam: undefined }), 'and nobody where it names none')
})

t.test('a record that is damaged, or of an ADD that took nothing, is as good as none', async t => {
  const { run, calls, records, world } = attempt(t)
  records.write(name, { ...attachment, dataDir: '/data', addresses: [] })
  await run()
  records.write(name, { ...attachment, dataDir: '/data', addresses: ['not an address'] })
  await run()
  writeFileSync(`${world.directory}/${name}`, '{"network":')
  await run()
  const once = [`disconnect ${name}`, 'release c1 eth0 all']
  t.strictSame(calls, [...once, ...once, ...once])
  t.strictSame(records.list('pw'), [])
})

t.test('a delegate hears of it with and without a record', async t => {
  const { run, calls, records } = attempt(t, { dataDir: undefined })
  records.write(name, { ...attachment, addresses: ['10.1.0.2'] })
  await run()
  t.strictSame(calls, [`disconnect ${name}`, 'release c1 eth0 all'])
})

t.test('where the IPAM was changed since, both give back', async t => {
  const { run, calls, records } = attempt(t, { dataDir: undefined })
  records.write(name, { ...attachment, dataDir: '/old', addresses: ['10.1.0.2'] })
  await run()
  t.strictSame(calls, [`disconnect ${name}`, 'release at /old c1 eth0 10.1.0.2', 'release c1 eth0 all'])
})

t.test('a link that cannot go keeps its address, and its record', async t => {
  const { run, calls, records } = attempt(t, { faults: { disconnect: new Error('busy') } })
  records.write(name, { ...attachment, dataDir: '/data', addresses: ['10.1.0.2'] })
  await t.rejects(run(), { message: 'busy' })
  t.strictSame(calls, [`disconnect ${name}`])
  t.match(records.read(name), { addresses: ['10.1.0.2'] })
})

t.test('an address that cannot be given back keeps the record for the next try', async t => {
  const { run, records } = attempt(t, { faults: { release: new Error('lock held') } })
  records.write(name, { ...attachment, dataDir: '/data', addresses: ['10.1.0.2'] })
  await t.rejects(run(), { message: 'lock held' })
  t.match(records.read(name), { addresses: ['10.1.0.2'] })
})

t.test('again is success', async t => {
  const { run } = attempt(t)
  await t.resolves(run())
  await t.resolves(run())
})

import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Problem } from '../problem.ts'
import { Records } from '../records/records.ts'
import { install } from './install.ts'
import { uninstall } from './uninstall.ts'

const list = (plugin: object): string => JSON.stringify({ name: 'pods', plugins: [plugin, { type: 'portmap' }] })
const ofAgent = list({ type: 'podwire', agent: '/run/podwire/agent.json', ipam: { type: 'podwire-ipam' } })

async function fixture(t: Test) {
  const directory = t.testdir({
    built: { podwire: '#!/bin/sh\necho \'{"supportedVersions":[]}\'\n', 'podwire.d': { 'libatomic.so.1': '' } },
    bin: { ptp: '' },
    'net.d': { '10-podwire.conflist': ofAgent, '20-other.conflist': list({ type: 'ptp' }), '30-broken.conf': '{' },
    run: { 'agent.json': '{"ready":true}', attachments: {} },
  })
  const [bin, netd, state] = ['bin', 'net.d', 'run'].map(name => join(directory, name)) as [string, string, string]
  chmodSync(join(directory, 'built', 'podwire'), 0o755)
  await install({ from: join(directory, 'built'), to: bin, root: '/', release: '0.1.0-0123456789ab' })
  const run = (force = false, removeFromKernel = (): string[] => []) =>
    uninstall({ from: bin, configurations: netd, state, force, removeFromKernel })
  return { bin, netd, state, run }
}

t.test('everything of ours goes, and nothing else; a second time there is nothing to do', async t => {
  const { bin, netd, state, run } = await fixture(t)
  const removed = await run()
  t.equal(removed[0], join(netd, '10-podwire.conflist'), 'the configuration first')
  t.strictSame(readdirSync(bin), ['ptp'])
  t.strictSame(readdirSync(netd), ['20-other.conflist', '30-broken.conf'])
  t.notOk(existsSync(join(state, 'agent.json')))
  t.strictSame(await run(), [])
})

t.test('while a pod uses it, nothing goes, unless that is wanted', async t => {
  const { bin, netd, state, run } = await fixture(t)
  const records = new Records(join(state, 'attachments'))
  const part = { network: 'pods', interfaceName: 'eth0', netns: '', addresses: [] }
  for (let i = 0; i < 7; i++) records.write(`pw${i}`, { ...part, containerId: `c${i}`, pod: `default/web-${i}` })
  await t.rejects(run(), {
    code: 'STILL_USED',
    message: /^7 of this node's pods use podwire \((default\/web-\d, ){5}…\): drain/,
  })
  t.strictSame(readdirSync(bin).length, 4)
  t.ok(existsSync(join(netd, '10-podwire.conflist')))
  await run(true)
  t.strictSame(readdirSync(bin), ['ptp'])
  t.equal(records.list('').length, 7, 'the records stay: what is installed again can undo those pods')
})

t.test('a record that is only half written counts as well', async t => {
  const { state, run } = await fixture(t)
  writeFileSync(join(state, 'attachments', 'pw1.new'), '{')
  await t.rejects(run(), { code: 'STILL_USED', message: /^1 of .*\(pw1\)/ })
})

t.test('a configuration that the administrator wrote is named, and stays', async t => {
  for (const plugin of [{ type: 'podwire' }, { type: 'ptp', ipam: { type: 'podwire-ipam' } }]) {
    const { bin, netd, run } = await fixture(t)
    writeFileSync(join(netd, '05-mine.conflist'), list(plugin))
    await t.rejects(run(), {
      code: 'STILL_USED',
      message: /05-mine.conflist calls podwire, and the agent did not write it/,
    })
    await run(true)
    t.ok(existsSync(join(netd, '05-mine.conflist')))
    t.strictSame(readdirSync(bin), ['ptp'])
  }
})

t.test('what somebody put into our folder stays there', async t => {
  const { bin, run } = await fixture(t)
  mkdirSync(join(bin, 'podwire.d', 'mine'))
  await run()
  t.strictSame(readdirSync(bin), ['podwire.d', 'ptp'])
})

t.test('what was copied there by hand goes as well', async t => {
  const directory = t.testdir({ bin: { podwire: '', 'podwire-ipam': '' } })
  const options = { configurations: '/nowhere', state: '/nowhere', force: false, removeFromKernel: () => [] }
  await uninstall({ from: join(directory, 'bin'), ...options })
  t.strictSame(readdirSync(join(directory, 'bin')), [])
})

t.test(
  'what a kernel refuses to give up can be tried again: the executable is still there, and no runtime calls it',
  async t => {
    const { bin, netd, run } = await fixture(t)
    const refused = new Problem('KERNEL_REFUSED', 'not permitted')
    const refuse = (): string[] => {
      throw refused
    }
    await t.rejects(run(false, refuse), refused)
    t.ok(existsSync(join(bin, 'podwire')))
    t.notOk(existsSync(join(netd, '10-podwire.conflist')))
    const removed = await run(false, () => ['table inet podwire'])
    t.equal(removed[0], 'table inet podwire', 'and then it goes, and says so')
    t.strictSame(readdirSync(bin), ['ptp'])
  },
)

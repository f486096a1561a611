import t, { type Test } from 'tap'
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { check } from './check.ts'
import { parseConfig } from './config.ts'
import { recordedParts, type World } from './recorded-parts.ts'

const netns = '/proc/self/ns/net'
const name = hostInterfaceName('pods', 'c1', 'eth0')
const request = { containerId: 'c1', interfaceName: 'eth0', netns, arguments: '', netnsOverride: true }
const prevResult = {
  cniVersion: '1.0.0',
  interfaces: [{ name }, { name: 'eth0', sandbox: netns }],
  ips: [{ address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 1 }],
  routes: [{ dst: '0.0.0.0/0', gw: '169.254.1.1' }],
}

const record = {
  network: 'pods',
  containerId: 'c1',
  interfaceName: 'eth0',
  netns,
  addresses: ['10.1.0.2'],
  rules: { isAntiSpoofed: true, ports: [] },
}

function attempt(t: Test, given: Partial<World> = {}) {
  const recorded = recordedParts({ directory: t.testdir({}), ...given })
  recorded.records.write(name, record)
  const run = (more: object = {}) =>
    check(request, parseConfig({ cniVersion: '1.0.0', name: 'pods', prevResult, ...more }), recorded.parts)
  return { ...recorded, run }
}

t.test('asks the kernel for what prevResult says is ours, then the IPAM', async t => {
  const { run, calls } = attempt(t)
  await run()
  t.strictSame(calls, [`check-link ${name}-eth0 10.1.0.2 1 routes`, 'check c1 eth0 10.1.0.2'])
})

t.test('all that is wrong is told at once', async t => {
  const { run } = attempt(t, { wrong: ['the host end is down', 'a route is gone'] })
  await t.rejects(run(), {
    code: 'CHECK_FAILED',
    message: 'the host end is down; a route is gone',
    details: /delete the pod/,
  })
})

t.test('what the pod was given is what the record says, whatever the config says by now', async t => {
  const { run, calls, records } = attempt(t)
  const ports = [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }] as const
  const bandwidth = { egress: { bitsPerSecond: 1e6, burstBits: 1e6 } }
  records.write(name, { ...record, rules: { isAntiSpoofed: false, ports }, bandwidth })
  await run({ ipMasq: true })
  t.match(calls[0], `routes ${JSON.stringify({ isAntiSpoofed: false, ports })} ${JSON.stringify(bandwidth)}`)
})

t.test('where the record is lost, what the config says', async t => {
  const { run, calls, records } = attempt(t)
  records.remove(name)
  const runtimeConfig = { bandwidth: { ingressRate: 1000, ingressBurst: 1000 } }
  await run({ antiSpoof: false, runtimeConfig })
  const limits = { ingress: { bitsPerSecond: 1000, burstBits: 1000 }, keepsDefaultBurst: false }
  t.match(calls[0], `routes ${JSON.stringify({ isAntiSpoofed: false, ports: [] })} ${JSON.stringify(limits)}`)
})

t.test('a delegate gets what it gave, from the record', async t => {
  const { run, calls, records } = attempt(t, { dataDir: undefined })
  const leased = [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }]
  records.write(name, { ...record, leased })
  await run()
  t.equal(calls[1], `check c1 eth0 10.1.0.2 ${JSON.stringify(leased)}`)
})

t.test('the IPAM’s complaint is CHECK’s', async t => {
  await t.rejects(attempt(t, { faults: { check: new Error('not reserved') } }).run(), { message: 'not reserved' })
})

t.test('prevResult is needed, and an address of ours in it', async t => {
  await t.rejects(attempt(t).run({ prevResult: undefined }), {
    code: 'CONFIG_INVALID',
    message: /^Required prevResult missing/,
  })
  for (const other of [
    { ...prevResult, ips: [] },
    { ...prevResult, interfaces: [{ name }, { name: 'eth0', sandbox: '/other' }] },
    { ...prevResult, interfaces: [] },
  ])
    await t.rejects(attempt(t).run({ prevResult: other }), {
      code: 'CHECK_FAILED',
      message: `prevResult has no address for eth0 in ${netns}`,
    })
})

t.test('a config of before 0.4.0 has no CHECK', async t => {
  await t.rejects(attempt(t).run({ cniVersion: '0.3.1' }), {
    code: 'VERSION_UNSUPPORTED',
    message: 'config version does not allow CHECK',
  })
})

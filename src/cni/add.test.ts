// The namespace is our own, by override: nothing is done in it, the datapath only writes down what it is asked.
import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { Problem } from '../problem.ts'
import { add } from './add.ts'
import { parseConfig } from './config.ts'
import { recordedParts, type World } from './recorded-parts.ts'
import type { Request } from './request.ts'

const netns = '/proc/self/ns/net'
const name = hostInterfaceName('pods', 'c1', 'eth0')

const request = (more: Partial<Request> = {}): Request => ({
  containerId: 'c1',
  interfaceName: 'eth0',
  netns,
  arguments: '',
  netnsOverride: true,
  ...more,
})

function attempt(t: Test, given: Partial<World> = {}) {
  const recorded = recordedParts({ directory: `${t.testdir({})}/attachments`, ...given })
  const answers: string[] = []
  const run = (more: object = {}, asked: Partial<Request> = {}, answer = (text: string) => void answers.push(text)) =>
    add(request(asked), parseConfig({ cniVersion: '1.1.0', name: 'pods', ...more }), recorded.parts, answer)
  return { ...recorded, answers, run }
}

const connected = `connect ${name}-eth0 10.1.0.2 2 routes alias c1 mac undefined mtu undefined`

t.test('addresses, then the pair, then the answer', async t => {
  const { run, calls, answers, records, fields } = attempt(t)
  await run()
  t.strictSame(calls, ['allocate c1 eth0', connected])
  t.equal(answers.length, 1)
  t.match(JSON.parse(answers[0] ?? ''), {
    cniVersion: '1.1.0',
    interfaces: [{ name }, { name: 'eth0', sandbox: netns }],
    ips: [{ address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 1 }],
    routes: [{ dst: '0.0.0.0/0', gw: '169.254.1.1' }, { dst: '10.1.0.0/24' }],
    dns: { nameservers: ['10.0.0.10'] },
  })
  const { since = 0, ...record } = records.read(name) ?? {}
  t.ok(Math.abs(Date.now() - since) < 60_000)
  t.strictSame(record, {
    network: 'pods',
    containerId: 'c1',
    interfaceName: 'eth0',
    hostInterface: name,
    netns,
    dataDir: '/data',
    addresses: ['10.1.0.2'],
    rules: { isAntiSpoofed: true, ports: [] },
  })
  t.strictSame(fields, [{ addresses: ['10.1.0.2'] }])
})

t.test('the record is on disk before the first address is taken', async t => {
  const { run, parts, records } = attempt(t)
  const { ipam } = parts
  const seen: unknown[] = []
  Object.assign(ipam ?? {}, {
    allocate: async (_: unknown, intend: (addresses: string[]) => void) => {
      intend(['10.1.0.9'])
      seen.push(records.read(name)?.addresses)
      throw new Problem('RANGE_EXHAUSTED', 'none is left')
    },
  })
  await t.rejects(run(), { code: 'RANGE_EXHAUSTED' })
  t.strictSame(seen, [['10.1.0.9']])
  t.equal(records.read(name), undefined, 'and gone with the failure')
})

t.test('what fails undoes newest first, link before address, and what it took alone', async t => {
  const failing: Record<string, string[]> = {
    allocate: ['allocate c1 eth0'],
    connect: ['allocate c1 eth0', connected, `disconnect ${name}`, 'release c1 eth0 10.1.0.2'],
  }
  for (const [call, expected] of Object.entries(failing)) {
    const { run, calls, records, world, answers } = attempt(t, { faults: { [call]: new Error(`${call} failed`) } })
    await t.rejects(run(), { message: `${call} failed` })
    t.strictSame(calls, expected)
    t.strictSame(Array.from(world.links), [])
    t.equal(records.read(name), undefined)
    t.strictSame(answers, [])
  }
})

t.test('who cannot be answered has no pod', async t => {
  const { run, calls, records } = attempt(t)
  const full = () => {
    throw new Error('stdout is closed')
  }
  await t.rejects(run({}, {}, full), { message: 'stdout is closed' })
  t.strictSame(calls.slice(2), [`disconnect ${name}`, 'release c1 eth0 10.1.0.2'])
  t.equal(records.read(name), undefined)
})

t.test('a result that its version cannot say undoes all', async t => {
  const none = { addresses: [], routes: [], dns: {} }
  const { run, calls } = attempt(t, { lease: none })
  await t.rejects(run({ cniVersion: '0.2.0' }), { message: /no valid IP addresses/ })
  t.ok(calls.includes(`disconnect ${name}`))
})

t.test('an address whose link cannot be taken away stays reserved, and both failures are told', async t => {
  const faults = { connect: new Error('connect failed'), disconnect: new Error('link stays') }
  const { run, calls, records } = attempt(t, { faults })
  const error = await run().catch((error: unknown) => error)
  t.match(error, { suppressed: { message: 'connect failed' }, error: { message: 'link stays' } })
  t.notOk(calls.some(call => call.startsWith('release')))
  t.match(records.read(name), { addresses: ['10.1.0.2'] }, 'the record too: the next DEL or GC needs it')
})

t.test('an interface that is there is an error, and nothing is changed', async t => {
  const { run, calls, world } = attempt(t, { podInterfaces: new Set(['eth0']), links: new Set([name]) })
  await t.rejects(run(), {
    code: 'INTERFACE_EXISTS',
    message: `eth0 exists already in ${netns}: a DEL must come before another ADD`,
  })
  t.strictSame(calls, [])
  t.strictSame(Array.from(world.links), [name])
})

const earlier = { network: 'pods', containerId: 'c1', interfaceName: 'eth0', hostInterface: name, netns: '/gone' }

t.test('what a vanished namespace left is undone first', async t => {
  const { run, calls, records, warnings } = attempt(t, { links: new Set([name]) })
  records.write(name, { ...earlier, dataDir: '/old', addresses: ['10.1.0.7'] })
  await run()
  t.strictSame(calls, [`disconnect ${name}`, 'release at /old c1 eth0 10.1.0.7', 'allocate c1 eth0', connected])
  t.strictSame(warnings, ['undoing what an earlier ADD of this container left'])
  t.match(records.read(name), { netns, addresses: ['10.1.0.2'] })
})

t.test('a host end without a record is undone too', async t => {
  const { run, calls } = attempt(t, { links: new Set([name]) })
  await run()
  t.strictSame(calls.slice(0, 2), [`disconnect ${name}`, 'release c1 eth0 all'])
})

t.test('the first ADD warns of nothing, and undoes nothing', async t => {
  const { run, calls, warnings } = attempt(t)
  await run()
  t.strictSame(warnings, [])
  t.equal(calls[0], 'allocate c1 eth0')
})

t.test('an interface that is still in another namespace is an error too', async t => {
  const asks: string[] = []
  const { calls, records, parts } = attempt(t)
  records.write(name, { ...earlier, netns: '/proc/thread-self/ns/net', addresses: ['10.1.0.7'] })
  const hasInterface = ({ path }: { path: string }) => {
    asks.push(path)
    return path !== netns
  }
  await t.rejects(
    add(
      request(),
      parseConfig({ name: 'pods' }),
      { ...parts, datapath: { ...parts.datapath, hasInterface } },
      () => {},
    ),
    { code: 'INTERFACE_EXISTS', message: /eth0 exists already in \/proc\/thread-self\/ns\/net/ },
  )
  t.strictSame(asks, [netns, '/proc/thread-self/ns/net'])
  t.strictSame(calls, [])
})

t.test('a delegate’s addresses are recorded with its own words', async t => {
  const { run, records } = attempt(t, { dataDir: undefined })
  await run()
  t.match(records.read(name), { addresses: ['10.1.0.2'], leased: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }] })
  t.equal(records.read(name)?.dataDir, undefined)
})

t.test(
  'host ports, masquerade and bandwidth are recorded before they are made, and undone by what is recorded',
  async t => {
    const faults = { connect: new Error('no') }
    const { run, calls, parts, records, warnings } = attempt(t, { faults })
    const written: unknown[] = []
    const { write } = records
    records.write = (at, attachment) => {
      written.push(attachment)
      write.call(records, at, attachment)
    }
    t.equal(parts.records, records)
    const runtimeConfig = {
      portMappings: [
        { hostPort: 8080, containerPort: 80 },
        { hostPort: 8081, containerPort: 80, hostIP: 'fd00::1' },
      ],
      bandwidth: { ingressRate: 1000, ingressBurst: 2000 },
    }
    await t.rejects(run({ masquerade: { except: ['10.0.0.0/8'] }, antiSpoof: false, runtimeConfig }), { message: 'no' })
    const ports = [
      { protocol: 'tcp', hostPort: 8080, containerPort: 80 },
      { protocol: 'tcp', hostPort: 8081, containerPort: 80, hostAddress: 'fd00::1' },
    ]
    const rules = { isAntiSpoofed: false, masqueradeExcept: ['10.0.0.0/8'], ports }
    t.match(written, [{ rules, bandwidth: { ingress: { bitsPerSecond: 1000, burstBits: 2000 } } }])
    t.ok(calls.includes(`disconnect ${name} ${JSON.stringify(ports)}`), calls.join('\n'))
    t.match(warnings, ['host port tcp/8081 of fd00::1 is left out: the pod has no IPv6 address'])
  },
)

t.test('everything is looked at before anything is taken', async t => {
  const wrong: [object, Partial<Request>, { code: string; message?: RegExp }][] = [
    [{}, { netns: '/nonexistent' }, { code: 'ENVIRONMENT_INVALID' }],
    [{}, { netnsOverride: false }, { code: 'ENVIRONMENT_INVALID', message: /node's own network namespace/ }],
    [{}, { arguments: 'FOO=1' }, { code: 'ENVIRONMENT_INVALID' }],
    [{}, { arguments: 'MAC=nonsense' }, { code: 'CONFIG_INVALID' }],
    [{ prevResult: { ips: 5 } }, {}, { code: 'CONFIG_INVALID', message: /^prevResult: ips must be an array/ }],
  ]
  for (const [config, asked, expected] of wrong) {
    const { run, calls, world } = attempt(t)
    await t.rejects(run(config, asked), expected)
    t.strictSame(calls, [])
    t.notOk(existsSync(world.directory))
  }
})

t.test('without an ipam there is nothing to add', async t => {
  const { parts } = attempt(t)
  await t.rejects(
    add(request(), parseConfig({ name: 'pods' }), { ...parts, ipam: undefined }, () => {}),
    {
      code: 'CONFIG_INVALID',
      message: /^the config has no "ipam": add one like/,
    },
  )
})

t.test('MAC: of this call, else of the network, else of CNI_ARGS', async t => {
  const mac = async (config: object, args = '') => {
    const { run, calls } = attempt(t)
    await run(config, { arguments: args })
    return /mac (\S+)/.exec(calls[1] ?? '')?.[1]
  }
  const runtimeConfig = { mac: 'C2-11-22-33-44-55' }
  const args = { cni: { mac: 'c2:00:00:00:00:02' } }
  t.equal(await mac({ runtimeConfig, args }, 'MAC=c2:00:00:00:00:03'), 'c2:11:22:33:44:55')
  t.equal(await mac({ args }, 'MAC=c2:00:00:00:00:03'), 'c2:00:00:00:00:02')
  t.equal(await mac({}, 'MAC=c2:00:00:00:00:03'), 'c2:00:00:00:00:03')
  t.equal(await mac({ runtimeConfig: { mac: '' } }), 'undefined')
  for (const bad of ['c2:11', '01:00:5e:00:00:01', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', 'c2:11:22:33:44:5g'])
    await t.rejects(attempt(t).run({ runtimeConfig: { mac: bad } }), {
      code: 'CONFIG_INVALID',
      message: `mac "${bad}" is no unicast MAC address: write one like "c2:11:22:33:44:55"`,
    })
})

t.test('the host end’s alias is the pod’s name, where the runtime tells it', async t => {
  const { run, calls, records } = attempt(t)
  await run({ mtu: 1300 }, { arguments: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=a;K8S_POD_NAME=web' })
  t.match(calls[1], /alias a\/web .* mtu 1300$/)
  t.match(records.read(name), { pod: 'a/web' })
})

t.test('dns: of this call, else of the network, else of the IPAM', async t => {
  const dns = async (config: object) => {
    const { run, answers } = attempt(t)
    await run(config)
    return JSON.parse(answers[0] ?? '').dns
  }
  const runtimeConfig = { dns: { Servers: ['1.1.1.1'], Searches: ['a.b'], Options: ['ndots:5'] } }
  const network = { nameservers: ['2.2.2.2'], domain: 'example' }
  t.strictSame(await dns({ runtimeConfig, dns: network }), {
    nameservers: ['1.1.1.1'],
    search: ['a.b'],
    options: ['ndots:5'],
  })
  t.strictSame(await dns({ runtimeConfig: { dns: { servers: [] } }, dns: network }), network)
  t.strictSame(await dns({ dns: {} }), { nameservers: ['10.0.0.10'] })
})

t.test('chained after others: nothing of prevResult is dropped', async t => {
  const { run, answers } = attempt(t)
  const prevResult = {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'br0' }],
    ips: [{ address: '192.0.2.2/24', interface: 0 }],
    routes: [{ dst: '192.0.2.0/24' }],
    dns: { nameservers: ['1.1.1.1'] },
  }
  await run({ cniVersion: '1.0.0', prevResult })
  t.match(JSON.parse(answers[0] ?? ''), {
    interfaces: [{ name: 'br0' }, { name }, { name: 'eth0' }],
    ips: [
      { address: '192.0.2.2/24', interface: 0 },
      { address: '10.1.0.2/32', interface: 2 },
    ],
    routes: [{ dst: '192.0.2.0/24' }, { dst: '0.0.0.0/0' }, { dst: '10.1.0.0/24' }],
    dns: { nameservers: ['1.1.1.1', '10.0.0.10'] },
  })
})

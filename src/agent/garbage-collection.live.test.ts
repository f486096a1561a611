// Pods that come, go and die on a machine of the test's own, by the plugin, while what the dead leave is taken back.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { needsNft } from '../testing/nft.ts'
import { dual, links, node, records, reserved, state } from '../testing/plugin-calls.ts'
import { until } from '../testing/until.ts'
import type { Collected } from './garbage-collection.ts'

t.setTimeout(240_000)

const imports = `
  import { appendFileSync, existsSync } from 'node:fs'
  import { collectGarbage } from '${import.meta.resolve('./garbage-collection.ts')}'
  import { KernelDatapath } from '${import.meta.resolve('../datapath/datapath.ts')}'
  using datapath = new KernelDatapath()
  const places = { runDir: '/run/podwire' }`
const once = (graceMs: number) => `${imports}
  console.log(JSON.stringify(await collectGarbage(places, datapath, { graceMs: ${graceMs} })))`
const incessantly = `${imports}
  while (!existsSync('/run/stop')) {
    const { reclaimed, problems } = await collectGarbage(places, datapath, { graceMs: 0 })
    for (const item of [...reclaimed, ...problems.map(({ message }) => ({ message }))])
      appendFileSync('/run/collected', JSON.stringify(item) + '\\n')
    appendFileSync('/run/rounds', '.')
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  appendFileSync('/run/stopped', '')`
const words = (program: string): string[] => [
  process.execPath,
  '--no-warnings',
  '--input-type=module',
  '--eval',
  program,
]
const hostPort = (port: number) => ({
  runtimeConfig: { portMappings: [{ hostPort: port, containerPort: 80, protocol: 'tcp' }] },
})
const bandwidth = { runtimeConfig: { bandwidth: { egressRate: 8_000_000, egressBurst: 800_000 } } }

function world(t: Test) {
  const { machine, call, done } = node(t)
  const add = (id: string, config: object = {}): string =>
    done('ADD', { id, netns: machine.pod(id), config }).interfaces[0]?.name ?? ''
  const collect = (graceMs: number): Collected => {
    const { code, stdout, stderr } = machine.attempt(words(once(graceMs)))
    if (code !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  const die = async (id: string, name: string) => {
    machine.shell(`ip netns delete ${id}`)
    await until(() => !links(machine).includes(name))
  }
  const table = () => machine.shell('nft list table inet podwire')
  return { machine, call, done, add, collect, die, table }
}
const summary = ({ reclaimed }: Collected): string[] => reclaimed.map(({ kind, what }) => `${kind} ${what}`).toSorted()

t.test('a dead pod’s everything is taken back, after a minute, and told', needsNft, async t => {
  const { machine, add, collect, die, table } = world(t)
  add('alive', hostPort(8080))
  const before = state(machine)
  const name = add('dead', hostPort(8081))
  const shaped = add('shaped', bandwidth)
  await die('dead', name)
  await die('shaped', shaped)
  const left = state(machine)
  t.strictSame(collect(60_000), { reclaimed: [], kept: [], problems: [] }, 'not before')
  t.strictSame(state(machine), left)
  const collected = collect(0)
  t.strictSame(
    summary(collected),
    [
      ...['10.77.1.3', 'fd77:1::3', '10.77.1.4', 'fd77:1::4'].map(address => `address ${address}`),
      ...[name, shaped].map(name => `record ${name}`),
    ].toSorted(),
  )
  t.match(collected.reclaimed[0], {
    whose: /^the container (dead|shaped), eth0$/,
    why: /^its namespace \/run\/netns\/(dead|shaped) is gone, and so is its interface$/,
  })
  t.strictSame(state(machine), before)
  t.notMatch(table(), name)
  t.match(table(), before.records[0] ?? '')
  machine.shell('ping -n -c 1 -W 3 10.77.1.2')
  t.strictSame(collect(0), { reclaimed: [], kept: [], problems: [] }, 'and nothing more')
})

t.test('who has lost but the interface keeps the rest', needsNft, async t => {
  const { machine, add, collect } = world(t)
  const name = add('alive')
  machine.shell(`ip link delete ${name}`)
  const { reclaimed, kept } = collect(0)
  t.strictSame(reclaimed, [])
  t.match(kept, [`the container alive, eth0 lost its interface ${name}, and keeps ${dual.join(', ')}: its namespace`])
  t.strictSame(reserved(machine), dual)
})

t.test('who has but another name for it, or a namespace that no path leads to, keeps all', needsNft, async t => {
  const { machine, add, collect } = world(t)
  const renamed = add('renamed')
  machine.shell(`ip link set ${renamed} down name other0`)
  machine.shell('ip link set other0 up')
  // A process is still in it.
  const busy = add('busy')
  machine.shell('nsenter --net=/run/netns/busy sleep 60 >/dev/null 2>&1 & sleep 0.2; ip netns delete busy')
  const before = state(machine)
  t.strictSame(collect(0).reclaimed, [])
  t.strictSame(state(machine), before)
  t.ok(records(machine).includes(busy))
})

t.test('what no record tells of goes only where nothing shows that it is used', needsNft, async t => {
  const { machine, add, collect, table } = world(t)
  const name = add('alive', { runtimeConfig: { ...hostPort(8080).runtimeConfig, ...bandwidth.runtimeConfig } })
  const gone = add('gone', { runtimeConfig: { ...hostPort(8081).runtimeConfig, ...bandwidth.runtimeConfig } })
  machine.shell(`rm /run/podwire/attachments/*; ip link delete ${gone}`)
  for (const [address, text] of Object.entries({ '10.77.1.99': 'forgotten\r\neth0', '10.77.1.98': '' }))
    writeFileSync(machine.path(`/run/podwire/ipam/pods/${address}`), text)
  writeFileSync(machine.path(`/run/podwire/attachments/pwhalf.new`), '{"net')
  t.strictSame(summary(collect(60_000)), [`link ${gone}`, `rule ${gone}`], 'what holds addresses not before a minute')
  t.strictSame(
    summary(collect(0)),
    [
      ...['10.77.1.3', '10.77.1.98', '10.77.1.99', 'fd77:1::3'].map(address => `address ${address}`),
      'record pwhalf',
    ].toSorted(),
  )
  t.strictSame(reserved(machine), dual)
  t.strictSame(
    links(machine).filter(link => link !== name),
    [`bw${name.slice(2)}`],
  )
  t.match(table(), name)
  t.notMatch(table(), gone)
  machine.shell('ping -n -c 1 -W 3 10.77.1.2')
})

t.test('a shaper and rules that nothing else is left of', needsNft, async t => {
  const { machine, add, collect, table } = world(t)
  const gone = add('gone', { runtimeConfig: { ...hostPort(8081).runtimeConfig, ...bandwidth.runtimeConfig } })
  machine.shell(`ip link delete ${gone}`)
  rmSync(machine.path(`/run/podwire/attachments/${gone}`))
  t.match(summary(collect(60_000)), [`link ${gone}`, `rule ${gone}`])
  t.strictSame(links(machine), [])
  t.notMatch(table(), gone)
})

t.test('a record of the IPAM alone goes with the namespace', needsNft, async t => {
  const { machine, done, collect } = world(t)
  done('ADD', { id: 'bridged', netns: machine.pod('bridged'), face: 'podwire-ipam' })
  t.strictSame(summary(collect(0)), [])
  machine.shell('ip netns delete bridged')
  t.equal(collect(0).reclaimed.length, 3)
  t.strictSame([reserved(machine), records(machine)], [[], []])
})

t.test('while it works incessantly, pods come, go and die, and come again under the same id', needsNft, async t => {
  const { machine, done, add, die, collect } = world(t)
  const quoted = words(incessantly).map(word => `'${word.replaceAll("'", "'\\''")}'`)
  machine.shell(`${quoted.join(' ')} >/run/collector 2>&1 &`)
  t.teardown(() => writeFileSync(machine.path('/run/stop'), ''))
  const text = (file: string): string =>
    existsSync(machine.path(file)) ? readFileSync(machine.path(file), 'utf8') : ''
  await until(() => text('/run/rounds').length > 0)
  add('long')
  for (let i = 0; i < 9; i++) {
    const name = add('again')
    const ips = machine.shell('ip netns exec again ip -4 -o address show dev eth0')
    machine.shell(`ping -n -c 1 -W 3 ${/inet ([\d.]+)/.exec(ips)?.[1]}`)
    if (i % 3 === 0) {
      done('DEL', { id: 'again', netns: '/run/netns/again' })
      machine.shell('ip netns delete again')
    } else if (i % 3 === 1) await die('again', name)
    // At once: the ADD that comes next finds what this one left, or the collector does.
    else machine.shell('ip netns delete again')
    machine.shell('ping -n -c 1 -W 3 10.77.1.2')
  }
  writeFileSync(machine.path('/run/stop'), '')
  await until(() => existsSync(machine.path('/run/stopped')))
  const collected = text('/run/collected').split('\n').filter(Boolean)
  t.ok(text('/run/rounds').length > 20, `${text('/run/rounds').length} rounds`)
  t.ok(collected.length > 0)
  t.notOk(collected.some(line => line.includes('message') || line.includes('long')))
  t.equal(text('/run/collector'), '')
  collect(0)
  t.strictSame(reserved(machine), dual, 'only what lives is left')
  t.equal(records(machine).length, 1)
})

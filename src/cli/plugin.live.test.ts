// The plugin from source on a machine of the test's own: a pod's life, CHECK, the machine's own namespace, the log, the IPAM alone.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { dual, links, node, nothing, reserved, state } from '../testing/plugin-calls.ts'

t.setTimeout(240_000)

t.test('a pod comes and goes: ADD, CHECK, DEL, DEL', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const netns = machine.pod('a')
  const prevResult = done('ADD', { netns })
  t.match(prevResult, {
    cniVersion: '1.1.0',
    interfaces: [{ name: /^pw/ }, { name: 'eth0', sandbox: netns }],
    ips: [
      { address: '10.77.1.2/32', gateway: '169.254.1.1', interface: 1 },
      { address: 'fd77:1::2/128', gateway: 'fe80::1', interface: 1 },
    ],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }, { dst: '10.77.1.0/24' }, { dst: 'fd77:1::/64' }],
  })
  const name = prevResult.interfaces[0]?.name ?? ''
  t.strictSame(state(machine), { links: [name], records: [name], reserved: dual })
  for (const address of dual) machine.shell(`ping -n -c 1 -W 3 ${address}`)
  for (const address of ['198.51.100.1', '2001:db8:ffff::1'])
    machine.shell(`ip netns exec a ping -n -c 1 -W 3 ${address}`)
  t.match(call('CHECK', { netns, config: { prevResult } }), { code: 0, stdout: '', stderr: '' })
  machine.shell(`ip link set ${name} down`)
  t.match(call('CHECK', { netns, config: { prevResult } }), {
    code: 1,
    answer: { code: 103, msg: new RegExp(`^${name} is down`) },
  })
  for (const _ of [1, 2]) t.match(call('DEL', { netns, config: { prevResult } }), { code: 0, stdout: '', stderr: '' })
  t.strictSame(state(machine), nothing)
  t.equal(machine.shell('ip -netns a -o link').trim().split('\n').length, 1, 'only lo is left in the pod')
})

t.test('CHECK misses the reservation', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const netns = machine.pod('a')
  const prevResult = done('ADD', { netns })
  rmSync(machine.path('/run/podwire/ipam/pods/10.77.1.2'))
  t.match(call('CHECK', { netns, config: { prevResult } }).answer, {
    code: 103,
    msg: /^10\.77\.1\.2 is not reserved for c1 eth0/,
  })
})

t.test('the machine’s own namespace', needsRoot, async t => {
  const { machine, call } = node(t)
  const own = '/proc/self/ns/net'
  const refused = {
    code: 1,
    answer: { code: 4, msg: /^CNI_NETNS \/proc\/self\/ns\/net is the node's own network namespace/ },
  }
  const prevResult = { interfaces: [{ name: 'eth0', sandbox: own }], ips: [{ address: '10.77.1.2/32', interface: 0 }] }
  t.match(call('ADD', { netns: own }), refused)
  t.match(call('CHECK', { netns: own, config: { prevResult } }), refused)
  t.notOk(existsSync(machine.path('/run/podwire')), 'nothing was reserved, nothing recorded')
  machine.shell('ip link add eth0 type veth peer name 0hte')
  t.match(call('DEL', { netns: own }), { code: 0, stdout: '' })
  t.ok(links(machine).includes('eth0'), 'a DEL touches no link of the node’s')
  machine.shell('ip link delete eth0')
  // Who means it gets past the guard, and hears the kernel: a gateway cannot be an address of the same namespace.
  const meant = call('ADD', { netns: own, env: { CNI_NETNS_OVERRIDE: 'true' } })
  t.match(meant.answer, { code: 102, msg: /^add the pod's route to 0\.0\.0\.0\/0/ })
  t.strictSame(state(machine), nothing)
})

t.test('the log has a line for each call, with its phases, and stdout has none', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const log = { file: '/run/log/podwire.log', level: 'info' }
  const env = { CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web' }
  const lines = () =>
    readFileSync(machine.path(log.file), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  const netns = machine.pod('a')
  done('ADD', { netns, config: { log }, env })
  t.match(lines(), [
    {
      level: 30,
      verb: 'ADD',
      container: 'c1',
      pod: 'default/web',
      interface: 'eth0',
      network: 'pods',
      addresses: dual,
      ms: Number,
      phases: { start: Number, parse: Number, ipam: Number, kernel: Number, end: Number },
      msg: 'done',
    },
  ])
  t.match(machine.shell('ip link'), /alias default\/web/)
  t.match(call('ADD', { netns, config: { log }, env }), { code: 1, stderr: '', answer: { code: 100 } })
  t.match(lines()[1], { level: 50, verb: 'ADD', msg: 'failed', err: { code: 'INTERFACE_EXISTS' } })
  t.match(call('DEL', { config: { log }, env }), { code: 0, stdout: '', stderr: '' })
  t.match(lines()[2], { level: 30, verb: 'DEL', addresses: dual, phases: { unlink: Number, ipam: Number } })
  t.equal(lines().length, 3)

  await t.test('one that cannot be written stops no pod', async t => {
    const nowhere = { file: '/proc/nowhere/podwire.log' }
    const { code, stderr } = call('ADD', { netns, config: { log: nowhere } })
    t.equal(code, 0)
    t.match(stderr, /^podwire: cannot log to \/proc\/nowhere\/podwire\.log: /)
  })
})

t.test('podwire-ipam alone answers as host-local does', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const face = 'podwire-ipam'
  const prevResult = done('ADD', { face, netns: '/nonexistent' })
  t.match(prevResult, {
    ips: [
      { address: '10.77.1.2/24', gateway: '10.77.1.1' },
      { address: 'fd77:1::2/64', gateway: 'fd77:1::1' },
    ],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  })
  t.equal(prevResult.interfaces, undefined)
  t.match(call('CHECK', { face, netns: '/nonexistent', config: { prevResult } }), { code: 0, stdout: '' })
  t.match(call('ADD', { face, netns: '/nonexistent' }).answer, {
    code: 11,
    msg: /has been allocated to c1, duplicate allocation is not allowed/,
  })
  t.strictSame(reserved(machine), dual)
  done('DEL', { face, config: { ipam: { type: 'podwire-ipam', ranges: 'broken' } } })
  t.strictSame(state(machine), nothing)
  done('ADD', { face, netns: '/nonexistent' })
  done('GC', { face, config: { 'cni.dev/valid-attachments': [] } })
  t.strictSame(state(machine), nothing)
})

// ADD, through the whole plugin: again, failing, with runtimeConfig, chained, in each version.
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { ipam, links, node, nothing, reserved, state } from '../testing/plugin-calls.ts'

t.setTimeout(240_000)

t.test('ADD again', needsRoot, async t => {
  await t.test('with the interface there is an error, and nothing is changed', async t => {
    const { machine, call, done } = node(t)
    const netns = machine.pod('a')
    done('ADD', { netns })
    // The kernel's own link-local is tentative for a second or two.
    const shown = (command: string) => machine.shell(command).replaceAll(' tentative', '').replaceAll(' \n', '\n')
    const whole = () => [state(machine), shown('ip -netns a address'), shown('ip address')]
    const before = whole()
    t.match(call('ADD', { netns }), {
      code: 1,
      answer: { code: 100, msg: `eth0 exists already in ${netns}: a DEL must come before another ADD` },
    })
    t.strictSame(whole(), before)
    const elsewhere = machine.pod('b')
    t.match(call('ADD', { netns: elsewhere }).answer, { code: 100, msg: new RegExp(`exists already in ${netns}`) })
    t.strictSame(whole(), before)
  })

  await t.test('after the namespace vanished, what is left is undone first', async t => {
    const { machine, done } = node(t)
    done('ADD', { netns: machine.pod('a') })
    machine.shell('ip netns delete a')
    const { ips, interfaces } = done('ADD', { netns: machine.pod('b') })
    t.match(ips, [{ address: '10.77.1.3/32' }, { address: 'fd77:1::3/128' }])
    const name = interfaces[0]?.name ?? ''
    t.strictSame(state(machine), { links: [name], records: [name], reserved: ['10.77.1.3', 'fd77:1::3'] })
  })

  await t.test('of the same container with another interface is a second attachment', async t => {
    const { machine, done } = node(t)
    const netns = machine.pod('a')
    done('ADD', { netns })
    const others = [[{ subnet: '10.78.1.0/24' }], [{ subnet: 'fd78:1::/64' }]]
    done('ADD', { netns, interfaceName: 'net1', config: { ipam: { ...ipam, ranges: others, routes: [] } } })
    t.equal(links(machine).length, 2)
    done('DEL', { netns })
    t.strictSame(reserved(machine), ['10.78.1.2', 'fd78:1::2'])
    t.match(machine.shell('ip -netns a -o link'), /net1/)
  })
})

t.test('who cannot be answered has no pod', needsRoot, async t => {
  const { machine, call } = node(t)
  const netns = machine.pod('a')
  const { code, stderr } = call('ADD', { netns, stdout: '/dev/full' })
  t.equal(code, 1)
  t.match(stderr, /ENOSPC/)
  t.strictSame(state(machine), nothing)
  t.equal(machine.shell('ip -netns a -o link').trim().split('\n').length, 1)
})

t.test('a failed ADD leaves what the container held before, and nothing of its own', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const netns = machine.pod('a')
  done('ADD', { netns })
  const before = state(machine)
  const failing = {
    ipam: {
      ...ipam,
      routes: [
        { dst: '0.0.0.0/0', table: 100, scope: 254 },
        { dst: '198.18.0.0/15', scope: 255 },
      ],
    },
  }
  t.match(call('ADD', { netns, interfaceName: 'net1', config: failing }), {
    code: 1,
    answer: { code: 102, msg: /^add the pod's route to/ },
  })
  t.strictSame(state(machine), before)
  const taken = { runtimeConfig: { ips: ['10.77.1.2'] } }
  t.match(call('ADD', { netns, interfaceName: 'net1', config: taken }).answer, { code: 11, msg: /10\.77\.1\.2/ })
  t.match(call('ADD', { id: 'c2', netns: machine.pod('b'), config: taken }).answer, { code: 11, msg: /c1 eth0 has it/ })
  t.strictSame(state(machine), before)
})

t.test('runtimeConfig: mac, ips, ipRanges and dns, as containerd writes them', needsRoot, async t => {
  const { machine, done } = node(t)
  const runtimeConfig = {
    Mac: 'c2:11:22:33:44:55',
    Ips: ['10.88.1.9/24'],
    IpRanges: [[{ Subnet: '10.88.1.0/24', RangeStart: '10.88.1.5' }]],
    Dns: { Servers: ['10.0.0.10'], Searches: ['a.b'], Options: ['ndots:5'] },
  }
  const { ips, interfaces, dns } = done('ADD', { netns: machine.pod('a'), config: { runtimeConfig } })
  t.match(ips, [{ address: '10.88.1.9/32' }, { address: '10.77.1.2/32' }, { address: 'fd77:1::2/128' }])
  t.equal(interfaces[1]?.mac, 'c2:11:22:33:44:55')
  t.match(machine.shell('ip -netns a link show eth0'), 'link/ether c2:11:22:33:44:55')
  t.strictSame(dns, { nameservers: ['10.0.0.10'], search: ['a.b'], options: ['ndots:5'] })
  machine.shell('ping -n -c 1 -W 3 10.88.1.9')
  // The ranges of the call are not there any more when DEL comes.
  done('DEL')
  t.strictSame(state(machine), nothing)
})

t.test('chained after another plugin: its result goes through, in each version that chains', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const prevResult = {
    interfaces: [{ name: 'tap0' }],
    ips: [{ version: '4', address: '192.0.2.2/24', interface: 0 }],
    dns: { domain: 'a' },
  }
  for (const cniVersion of ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']) {
    const netns = machine.pod('a')
    const config = { cniVersion, prevResult: { cniVersion, ...prevResult } }
    const answer = done('ADD', { netns, config })
    t.match(answer, {
      cniVersion,
      interfaces: [{ name: 'tap0' }, { name: /^pw/ }, { name: 'eth0' }],
      ips: [{ address: '192.0.2.2/24', interface: 0 }, { address: /^10\.77\.1\./, interface: 2 }, { interface: 2 }],
      dns: { domain: 'a' },
    })
    if (!cniVersion.startsWith('0.3'))
      t.match(call('CHECK', { netns, config: { cniVersion, prevResult: answer } }), { code: 0 }, cniVersion)
    done('DEL', { netns, config: { cniVersion } })
    machine.shell('ip netns delete a')
  }
  t.strictSame(state(machine), nothing)
})

t.test('versions that know one address of each family', needsRoot, async t => {
  const { machine, done } = node(t)
  for (const cniVersion of ['0.1.0', '0.2.0']) {
    t.match(done('ADD', { netns: machine.pod('a'), config: { cniVersion } }), {
      cniVersion,
      ip4: {
        ip: /^10\.77\.1\.\d+\/32$/,
        gateway: '169.254.1.1',
        routes: [{ dst: '0.0.0.0/0', gw: '169.254.1.1' }, {}],
      },
      ip6: { ip: /^fd77:1::\d+\/128$/, gateway: 'fe80::1' },
      dns: {},
    })
    done('DEL', { config: { cniVersion } })
    machine.shell('ip netns delete a')
  }
})

// GC, STATUS and a reboot, through the whole plugin.
import { rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { dual, ipam, links, node, records, reserved, state } from '../testing/plugin-calls.ts'
import { until } from '../testing/until.ts'

t.setTimeout(240_000)

t.test('GC', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const storage = { ...ipam, ranges: [[{ subnet: '10.78.1.0/24' }], [{ subnet: 'fd78:1::/64' }]] }
  const add = (id: string, name = 'pods') =>
    done('ADD', {
      id,
      netns: machine.pod(`${name}-${id}`),
      config: { name, ...(name === 'storage' && { ipam: storage }) },
    }).interfaces[0]?.name ?? ''
  const list = (...ids: string[]) => ({
    'cni.dev/valid-attachments': ids.map(containerID => ({ containerID, ifname: 'eth0' })),
  })
  const names = { kept: add('kept'), stale: add('stale'), gone: add('gone'), other: add('other', 'storage') }
  machine.shell('ip netns delete pods-gone')
  await until(() => !links(machine).includes(names.gone))
  const before = state(machine)

  await t.test('without a list removes nothing', async t => {
    for (const config of [{}, { 'cni.dev/valid-attachments': 'all' }])
      t.match(call('GC', { config }), {
        code: 1,
        answer: { code: 7, msg: /^cni\.dev\/valid-attachments must be a list/ },
      })
    t.strictSame(state(machine), before)
  })

  await t.test('takes what is not on the list as a whole, and of no other network', async t => {
    writeFileSync(machine.path('/run/podwire/ipam/pods/10.77.1.99'), 'forgotten\r\neth0')
    writeFileSync(machine.path('/run/podwire/ipam/pods/10.77.1.98'), '')
    t.match(call('GC', { config: list('kept') }), { code: 0, stdout: '', stderr: '' })
    t.strictSame(links(machine).toSorted(), [names.kept, names.other].toSorted())
    t.strictSame(records(machine).toSorted(), [names.kept, names.other].toSorted())
    t.strictSame(reserved(machine), dual)
    t.strictSame(reserved(machine, '/run/podwire/ipam/storage'), ['10.78.1.2', 'fd78:1::2'])
    machine.shell('ping -n -c 1 -W 3 10.77.1.2')
  })

  await t.test('takes what has no record either', async t => {
    rmSync(machine.path(`/run/podwire/attachments/${names.kept}`))
    t.match(call('GC', { config: list() }), { code: 0, stdout: '', stderr: '' })
    t.strictSame(links(machine), [names.other])
    t.strictSame(reserved(machine), [])
  })

  await t.test('an address whose link cannot go stays', async t => {
    // Without CAP_NET_ADMIN no link can be deleted, while files can.
    const name = add('stuck')
    const { code, answer } = call('GC', {
      config: list(),
      under: 'setpriv --bounding-set=-net_admin --inh-caps=-net_admin',
    })
    t.equal(code, 1)
    t.match(answer, { code: 106, msg: new RegExp(`delete ${name}: EPERM`) })
    t.equal(reserved(machine).length, 2)
    t.ok(links(machine).includes(name))
    t.match(call('GC', { config: list() }), { code: 0 })
    t.strictSame(reserved(machine), [])
    t.strictSame(links(machine), [names.other])
  })
})

t.test('STATUS tells when a range is used up, and when it is not any more', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const config = {
    ipam: { ...ipam, ranges: [[{ subnet: '10.77.1.0/24', rangeStart: '10.77.1.7', rangeEnd: '10.77.1.7' }]] },
  }
  t.match(call('STATUS', { config }), { code: 0, stdout: '', stderr: '' })
  done('ADD', { netns: machine.pod('a'), config })
  const full = { code: 50, msg: /^no IP addresses available: 1 used, 0 free in 10\.77\.1\.7-10\.77\.1\.7/ }
  t.match(call('STATUS', { config }).answer, full)
  t.match(call('STATUS', { config, face: 'podwire-ipam' }).answer, full)
  t.match(call('STATUS', { config: { ...config, statusOnExhaustion: 'ready' } }), { code: 0 })
  t.match(call('ADD', { id: 'c2', netns: machine.pod('b'), config }).answer, {
    code: 11,
    msg: /no IP addresses available in range set/,
  })
  done('DEL', { config })
  t.match(call('STATUS', { config }), { code: 0, stdout: '' })
})

t.test('a reboot, with reservations on a disk that outlives it', needsRoot, async t => {
  const { machine, call, done } = node(t)
  const one = [{ subnet: 'fd77:1::/64', rangeStart: 'fd77:1::2', rangeEnd: 'fd77:1::2' }]
  const dataDir = machine.shell('mkdir /run/disk; mount -t tmpfs disk /run/disk; echo /run/disk').trim()
  const config = { ipam: { ...ipam, dataDir, ranges: [[{ subnet: '10.77.1.0/30' }], one] } }
  const kept = () => reserved(machine, `${dataDir}/pods`)
  done('ADD', { id: 'dead', netns: machine.pod('dead'), config })
  t.match(call('STATUS', { config }).answer, { code: 50 })
  // The node comes up anew: another boot id, an empty /run, no namespaces, no links.
  for (const name of links(machine)) machine.shell(`ip link delete ${name}`)
  machine.shell('ip netns delete dead; rm -rf /run/podwire')
  machine.shell(
    'cat /proc/sys/kernel/random/uuid >/run/boot_id; mount --bind /run/boot_id /proc/sys/kernel/random/boot_id',
  )
  t.strictSame(kept(), ['10.77.1.2', 'fd77:1::2'], 'what the dead had is still written there')
  t.match(call('STATUS', { config }), { code: 0, stdout: '' }, 'and does not count')
  t.match(done('ADD', { id: 'first', netns: machine.pod('first'), config }).ips, [
    { address: '10.77.1.2/32' },
    { address: 'fd77:1::2/128' },
  ])

  await t.test('what is alive keeps its address, whatever the stamp says', async t => {
    machine.shell('umount /proc/sys/kernel/random/boot_id; rm /run/podwire/boot')
    writeFileSync(machine.path(`${dataDir}/pods/10.77.99.9`), 'dead\r\neth0')
    t.match(call('STATUS', { config }).answer, { code: 50 })
    t.strictSame(kept(), ['10.77.1.2', 'fd77:1::2'], 'the dead one’s is free')
    machine.shell('ping -n -c 1 -W 3 10.77.1.2')
  })
})

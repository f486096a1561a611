// DEL, through the whole plugin: whatever is missing, broken or gone by then.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { dual, type Given, ipam, node, nothing, records, state } from '../testing/plugin-calls.ts'

t.setTimeout(240_000)

t.test('DEL gives everything back', needsRoot, async t => {
  const { machine, call, done } = node(t)
  writeFileSync(machine.path('/run/plain'), 'a plain file')
  const ways: Record<string, { before?: () => void; given: Given; left?: object }> = {
    'without CNI_NETNS': { given: { netns: undefined } },
    'with an empty CNI_NETNS': { given: { netns: '' } },
    'with a namespace that is gone': {
      before: () => machine.shell('ip netns delete a'),
      given: { netns: '/run/netns/a' },
    },
    'with a plain file for a namespace': { given: { netns: '/run/plain' } },
    'with a directory for a namespace': { given: { netns: '/run' } },
    'with the node’s own namespace': { given: { netns: '/proc/self/ns/net' } },
    'with broken ranges': { given: { config: { ipam: { type: 'podwire-ipam', ranges: [[{ subnet: 'nonsense' }]] } } } },
    'without ranges': { given: { config: { ipam: { type: 'podwire-ipam' } } } },
    'without an ipam': { given: { config: { ipam: undefined } } },
    'with an ipam of no type': { given: { config: { ipam: {} } } },
    'with an ipam that is a word': { given: { config: { ipam: 'podwire-ipam' } } },
    'with an MTU that is a word': { given: { config: { mtu: 'wide' } } },
    'with another dataDir': { given: { config: { ipam: { ...ipam, dataDir: '/run/elsewhere' } } } },
    'with an older version': { given: { config: { cniVersion: '0.2.0' } } },
    'with a prevResult of nonsense': { given: { config: { prevResult: { ips: 7 } } } },
    'without a record': {
      before: () => rmSync(machine.path('/run/podwire/attachments'), { recursive: true }),
      given: {},
    },
    'with a damaged record': {
      before: () => {
        for (const name of records(machine)) writeFileSync(machine.path(`/run/podwire/attachments/${name}`), '{"net')
      },
      given: {},
    },
    'with the interface gone': { before: () => machine.shell('ip -netns a link delete eth0'), given: {} },
    'with the reservations gone': {
      before: () => {
        for (const name of dual) rmSync(machine.path(`/run/podwire/ipam/pods/${name}`), { force: true })
      },
      given: {},
    },
  }
  for (const [how, { before, given }] of Object.entries(ways)) {
    const netns = machine.pod('a')
    done('ADD', { netns })
    before?.()
    const { code, stdout, stderr } = call('DEL', { netns, ...given })
    t.strictSame({ code, stdout, stderr, ...state(machine) }, { code: 0, stdout: '', stderr: '', ...nothing }, how)
    machine.shell('ip netns delete a 2>/dev/null || true; rm -rf /run/podwire')
  }
})

t.test('DEL of what was never added is success, on an empty machine and beside others', needsRoot, async t => {
  const { machine, call, done } = node(t)
  t.match(call('DEL'), { code: 0, stdout: '' })
  t.notOk(existsSync(machine.path('/run/podwire/attachments')), 'and makes nothing')
  done('ADD', { netns: machine.pod('a') })
  const before = state(machine)
  t.match(call('DEL', { id: 'other' }), { code: 0, stdout: '' })
  t.match(call('DEL', { interfaceName: 'net1' }), { code: 0, stdout: '' })
  t.match(call('DEL', { config: { name: 'storage' } }), { code: 0, stdout: '' })
  t.strictSame(state(machine), before)
})

t.test('an address that was given to another meanwhile is not freed with the old record', needsRoot, async t => {
  const { machine, done } = node(t)
  done('ADD', { netns: machine.pod('a') })
  const file = machine.path('/run/podwire/ipam/pods/10.77.1.2')
  // Removed first: the files of one ADD are links to one inode.
  rmSync(file)
  writeFileSync(file, 'other\r\neth0')
  done('DEL')
  t.strictSame(state(machine), { links: [], records: [], reserved: ['10.77.1.2'] })
})

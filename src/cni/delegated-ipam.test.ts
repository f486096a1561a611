import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { delegate } from './delegate.ts'
import { delegatedIpam } from './delegated-ipam.ts'
import type { Version } from './version.ts'

const { PATH } = process.env
const owner = { containerId: 'c1', interfaceName: 'eth0' }

/** An IPAM plugin that writes down how it is called, answers ADD so, and fails the verbs named. */
function ipamPlugin(t: Test, answer: string, version: Version = '1.0.0', fails = 'NONE', stdin = '{}') {
  const directory = t.testdir({})
  const script = `#!/bin/sh
echo "$CNI_COMMAND $CNI_CONTAINERID" >>${directory}/calls
cat >${directory}/stdin
case "$CNI_COMMAND" in
  ${fails}) echo '{"code":11,"msg":"not now"}'; exit 1 ;;
  ADD) cat <<'END'
${answer}
END
esac`
  writeFileSync(`${directory}/other`, script)
  chmodSync(`${directory}/other`, 0o755)
  const environment = { PATH, CNI_PATH: directory, CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0' }
  const ipam = delegatedIpam('other', delegate('other', environment, stdin), version, stdin)
  const calls = () => (existsSync(`${directory}/calls`) ? readFileSync(`${directory}/calls`, 'utf8').split('\n') : [])
  const stdinOfLast = () => JSON.parse(readFileSync(`${directory}/stdin`, 'utf8'))
  return { ipam, stdinOfLast, calls: () => calls().filter(line => line !== '') }
}

const answers: Partial<Record<Version, object>> = {
  '0.2.0': {
    ip4: { ip: '10.1.0.2/24', gateway: '10.1.0.1', routes: [{ dst: '0.0.0.0/0' }] },
    dns: { nameservers: ['1.1.1.1'] },
  },
  '0.4.0': {
    cniVersion: '0.4.0',
    ips: [{ version: '4', address: '10.1.0.2/24', gateway: '10.1.0.1' }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: { nameservers: ['1.1.1.1'] },
  },
  '1.1.0': {
    cniVersion: '1.1.0',
    ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: { nameservers: ['1.1.1.1'] },
  },
}

for (const [version, answer] of Object.entries(answers)) {
  t.test(`a lease from a result of ${version}`, async t => {
    const { ipam, calls } = ipamPlugin(t, JSON.stringify(answer), version as Version)
    const intended: unknown[] = []
    const lease = await ipam.allocate(owner, addresses => void intended.push(addresses))
    t.strictSame(
      lease.addresses.map(({ address, subnet, gateway }) => [
        formatAddress(address),
        formatPrefix(subnet),
        gateway && formatAddress(gateway),
      ]),
      [['10.1.0.2', '10.1.0.2/24', '10.1.0.1']],
    )
    t.strictSame(lease.routes, [{ dst: '0.0.0.0/0' }])
    t.strictSame(lease.dns, { nameservers: ['1.1.1.1'] })
    t.strictSame(intended, [[]], 'the record is written before it is asked, with no addresses: they are not ours')
    t.strictSame(calls(), ['ADD c1'])
  })
}

t.test('a result that names a version is read by it, whatever the config says', async t => {
  const { ipam } = ipamPlugin(t, JSON.stringify(answers['1.1.0']), '0.2.0')
  t.equal((await ipam.allocate(owner, () => {})).addresses.length, 1)
})

t.test('an ADD that failed is followed by DEL', async t => {
  const { ipam, calls } = ipamPlugin(t, '{}', '1.0.0', 'ADD')
  await t.rejects(
    ipam.allocate(owner, () => {}),
    { cni: 11, message: 'plugin "other" failed ADD: not now' },
  )
  t.strictSame(calls(), ['ADD c1', 'DEL c1'])
})

t.test('so is one whose answer is of no use, and it is named', async t => {
  const useless: Record<string, RegExp> = {
    'IP: 10.1.0.2': /^the result of ipam plugin "other": it is no JSON: "IP: 10.1.0.2\\n"/,
    '': /is no JSON: "\\n"/,
    null: /^the result of ipam plugin "other": the document must be an object, but is null/,
    '{"cniVersion":"1.0.0"}': /^the result of ipam plugin "other": it has no address/,
    '{"cniVersion":"9.0.0","ips":[]}': /^the result of ipam plugin "other": incompatible CNI versions/,
    '{"cniVersion":"x","ips":[]}': /^the result of ipam plugin "other": cniVersion "x" is not a version/,
    '{"ips":[{"address":"10.1.0.2"}]}': /^the result of ipam plugin "other": invalid CIDR address: 10.1.0.2/,
    '{"ips":[{"address":"10.1.0.2/24","gateway":"x"}]}': /^the result of ipam plugin "other": invalid IP address: x/,
    '{"ips":[{"address":5}]}': /^the result of ipam plugin "other": ips\[0\]\.address must be a string/,
  }
  for (const [answer, message] of Object.entries(useless)) {
    const { ipam, calls } = ipamPlugin(t, answer)
    await t.rejects(
      ipam.allocate(owner, () => {}),
      { code: 'DELEGATE_FAILED', message },
      answer,
    )
    t.strictSame(calls(), ['ADD c1', 'DEL c1'], answer)
  }
})

t.test('nothing is asked for where the record cannot be written', async t => {
  const { ipam, calls } = ipamPlugin(t, JSON.stringify(answers['1.1.0']))
  const full = () => {
    throw new Error('disk full')
  }
  await t.rejects(ipam.allocate(owner, full), { message: 'disk full' })
  t.strictSame(calls(), [])
})

t.test('every verb goes on to it, and its failure comes back', async t => {
  const { ipam, calls } = ipamPlugin(t, '{}')
  await ipam.release(owner, undefined)
  await ipam.release({ containerId: 'gone', interfaceName: 'eth0' }, undefined)
  await ipam.check(owner, ['10.1.0.2'])
  await ipam.collect([owner], () => true)
  await ipam.status()
  t.strictSame(calls(), ['DEL c1', 'DEL gone', 'CHECK c1', 'GC c1', 'STATUS c1'])
  for (const [verb, ask] of Object.entries({
    DEL: (i: typeof ipam) => i.release(owner, undefined),
    CHECK: (i: typeof ipam) => i.check(owner, []),
    GC: (i: typeof ipam) => i.collect([], () => true),
    STATUS: (i: typeof ipam) => i.status(),
  }))
    await t.rejects(ask(ipamPlugin(t, '{}', '1.0.0', verb).ipam), {
      cni: 11,
      message: `plugin "other" failed ${verb}: not now`,
    })
})

t.test('its CHECK gets the addresses and gateways that it gave, and the rest of prevResult as it is', async t => {
  const prevResult = {
    interfaces: [{ name: 'eth0' }],
    ips: [
      { address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 0 },
      { address: '192.0.2.9/24', gateway: '192.0.2.1' },
    ],
  }
  const stdin = JSON.stringify({ name: 'pods', prevResult })
  const { ipam, stdinOfLast } = ipamPlugin(t, '{}', '1.0.0', 'NONE', stdin)
  await ipam.check(owner, ['10.1.0.2'], [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }])
  t.strictSame(stdinOfLast(), {
    name: 'pods',
    prevResult: {
      interfaces: [{ name: 'eth0' }],
      ips: [
        { address: '10.1.0.2/24', gateway: '10.1.0.1', interface: 0 },
        { address: '192.0.2.9/24', gateway: '192.0.2.1' },
      ],
    },
  })
  await ipam.check(owner, ['10.1.0.2'], [{ address: '10.1.0.2/24' }])
  t.strictSame(stdinOfLast().prevResult.ips[0], { address: '10.1.0.2/24', interface: 0 }, 'it named no gateway')
  await ipam.check(owner, ['10.1.0.2'])
  t.strictSame(stdinOfLast(), JSON.parse(stdin), 'without a record it gets what we got')
})

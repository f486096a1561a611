// What conntrack(8) makes and shows is what we delete and what stays.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { Namespace } from '../netns/namespace.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { deleteFlows } from './delete-flows.ts'

const UDP = 17
const SCTP = 132
const hasTool = existsSync('/usr/sbin/conntrack')
const needs = { ...(hasTool ? {} : { skip: 'conntrack is missing: apt-get install conntrack' }), ...needsRoot }

t.test(`connection tracking through ${backend()}`, needs, async t => {
  using namespace = Namespace.open(throwAwayNamespace(t))
  using connection = namespace.inside(() => Connection.open(NETLINK_NETFILTER))
  const run = (script: string, input = ''): string =>
    execFileSync('nsenter', [`--net=${namespace.path}`, 'bash', '-euc', script], {
      encoding: 'utf8',
      input,
      stdio: ['pipe', 'pipe', 'ignore'],
    })

  /** As `protocol source destination port`, sorted. */
  const flows = (): string[] =>
    Array.from(run('conntrack --dump').matchAll(/^(\w+).*?src=(\S+) dst=(\S+) .*?dport=(\d+)/gm), ([, ...words]) =>
      words.join(' '),
    ).toSorted()

  const flowOption = (protocol: string, from: string, to: string, port: number, ...more: string[]): string =>
    [
      `--create --protonum ${protocol} --timeout 300 --src ${from} --dst ${to} --sport 40000 --dport ${port}`,
      `--reply-src ${to} --reply-dst ${from} --reply-port-src ${port} --reply-port-dst 40000`,
      ...more,
    ].join(' ')
  const create = (...lines: string[]): void => void run(lines.map(line => `conntrack ${line}`).join('\n'))

  await t.test('a UDP flow is remembered by the kernel, and forgotten by us', async t => {
    run(`ip link set lo up
      nft 'add table inet watch; add chain inet watch out { type filter hook output priority 0; }'
      nft add rule inet watch out ct state new counter
      echo hello > /dev/udp/127.0.0.1/5300
      echo hello > /dev/udp/127.0.0.1/5301`)
    t.same(flows(), ['udp 127.0.0.1 127.0.0.1 5300', 'udp 127.0.0.1 127.0.0.1 5301'])
    deleteFlows(connection, { protocol: UDP, port: 5300 })
    t.same(flows(), ['udp 127.0.0.1 127.0.0.1 5301'])
    deleteFlows(connection, { protocol: UDP, port: 5301 })
  })

  await t.test('another protocol, port or direction stays; other families and zones go along', async t => {
    create(
      flowOption('udp', '10.0.0.9', '10.0.0.1', 53),
      flowOption('udp', '10.0.0.9', '10.0.0.1', 53, '--zone 7'),
      flowOption('udp', 'fd00::9', 'fd00::1', 53),
      flowOption('udp', '10.0.0.9', '10.0.0.1', 54),
      flowOption('tcp', '10.0.0.9', '10.0.0.1', 53, '--state ESTABLISHED'),
      // 53 is where it comes from.
      flowOption('udp', '10.0.0.8', '10.0.0.1', 40_001)
        .replace('40000', '53')
        .replace(/40000$/, '53'),
    )
    t.equal(flows().length, 6)
    deleteFlows(connection, { protocol: UDP, port: 53 })
    t.same(flows(), ['tcp 10.0.0.9 10.0.0.1 53', 'udp 10.0.0.8 10.0.0.1 40001', 'udp 10.0.0.9 10.0.0.1 54'])
    deleteFlows(connection, { protocol: UDP, port: 53 })
    run('conntrack --flush')
  })

  await t.test('with an address, only the flows to that', async t => {
    create(
      flowOption('udp', '10.0.0.9', '10.0.0.1', 53),
      flowOption('udp', '10.0.0.9', '10.0.0.2', 53),
      flowOption('udp', 'fd00::9', 'fd00::1', 53),
      flowOption('udp', 'fd00::9', 'fd00::2', 53),
    )
    deleteFlows(connection, { protocol: UDP, port: 53, address: parseAddress('10.0.0.1') })
    deleteFlows(connection, { protocol: UDP, port: 53, address: parseAddress('FD00:0::1') })
    t.same(flows(), ['udp 10.0.0.9 10.0.0.2 53', 'udp fd00::9 fd00::2 53'])
    run('conntrack --flush')
  })

  await t.test('where the kernel cannot compare, what it lists is compared here', async t => {
    create(
      flowOption('sctp', '10.0.0.9', '10.0.0.1', 53, '--state ESTABLISHED', '--orig-vtag 1', '--reply-vtag 2'),
      flowOption('sctp', '10.0.0.9', '10.0.0.1', 54, '--state ESTABLISHED', '--orig-vtag 1', '--reply-vtag 2'),
      flowOption('udp', '10.0.0.9', '10.0.0.1', 53),
    )
    deleteFlows(connection, { protocol: SCTP, port: 53 })
    t.same(flows(), ['sctp 10.0.0.9 10.0.0.1 54', 'udp 10.0.0.9 10.0.0.1 53'])
    run('conntrack --flush')
  })

  await t.test('of a thousand, the right ones', async t => {
    const lines = Array.from({ length: 1000 }, (_, i) =>
      flowOption('udp', `10.0.${i >> 3}.9`, `10.1.0.${i % 250}`, 1000 + (i % 500)),
    )
    run('cat | conntrack --load-file -', `${lines.join('\n')}\n`)
    const before = flows()
    deleteFlows(connection, { protocol: UDP, port: 1234 })
    const after = flows()
    t.same(
      after,
      before.filter(line => !line.endsWith(' 1234')),
    )
    t.equal(after.length, before.length - 2)
    run('conntrack --flush')
  })

  await t.test('a kernel that knows no ctnetlink is named as such', async t => {
    // What hears a netlink message of a subsystem that it does not have: rtnetlink, of ctnetlink's.
    using other = namespace.connect()
    t.throws(() => deleteFlows(other, { protocol: UDP, port: 53 }), {
      code: 'CONNTRACK_MISSING',
      message: /connections to port 53.*nf_conntrack_netlink/,
    })
  })
})

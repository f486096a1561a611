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
import type { FlowChoice } from './flow-choice.ts'

const UDP = 17
const SCTP = 132
const choice = (port: number, more: Partial<FlowChoice> = {}): FlowChoice => ({
  family: 4,
  protocol: UDP,
  port,
  ...more,
})
const target = (address: string, port: number) => ({ target: { address: parseAddress(address), port } })
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
  /** `nat`: --src-nat, --dst-nat. The kernel makes of them what comes back. */
  const translated = (protocol: string, from: string, to: string, port: number, ...nat: string[]): string =>
    flowOption(protocol, from, to, port, ...nat)
      .replace(/ --reply-(src|dst|port)\S* \S+/g, '')
      .replace(/ --reply-port-dst \S+/, '')
  const create = (...lines: string[]): void => void run(lines.map(line => `conntrack ${line}`).join('\n'))

  await t.test('a UDP flow is remembered by the kernel, and forgotten by us', async t => {
    run(`ip link set lo up
      nft 'add table inet watch; add chain inet watch out { type filter hook output priority 0; }'
      nft add rule inet watch out ct state new counter
      echo hello > /dev/udp/127.0.0.1/5300
      echo hello > /dev/udp/127.0.0.1/5301`)
    t.same(flows(), ['udp 127.0.0.1 127.0.0.1 5300', 'udp 127.0.0.1 127.0.0.1 5301'])
    deleteFlows(connection, [choice(5300)])
    t.same(flows(), ['udp 127.0.0.1 127.0.0.1 5301'])
    deleteFlows(connection, [choice(5301)])
  })

  await t.test('another protocol, port, family or direction stays; other zones go along', async t => {
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
    const rest = ['tcp 10.0.0.9 10.0.0.1 53', 'udp 10.0.0.8 10.0.0.1 40001', 'udp 10.0.0.9 10.0.0.1 54']
    deleteFlows(connection, [choice(53)])
    t.same(flows(), [...rest, 'udp fd00::9 fd00::1 53'])
    deleteFlows(connection, [choice(53, { family: 6 })])
    t.same(flows(), rest)
    deleteFlows(connection, [choice(53), choice(53, { family: 6 })])
    t.same(flows(), rest)
    run('conntrack --flush')
  })

  await t.test('with an address, only the flows to that', async t => {
    create(
      flowOption('udp', '10.0.0.9', '10.0.0.1', 53),
      flowOption('udp', '10.0.0.9', '10.0.0.2', 53),
      flowOption('udp', 'fd00::9', 'fd00::1', 53),
      flowOption('udp', 'fd00::9', 'fd00::2', 53),
    )
    deleteFlows(connection, [
      choice(53, { address: parseAddress('10.0.0.1') }),
      choice(53, { family: 6, address: parseAddress('FD00:0::1') }),
    ])
    t.same(flows(), ['udp 10.0.0.9 10.0.0.2 53', 'udp fd00::9 fd00::2 53'])
    run('conntrack --flush')
  })

  const various = [
    flowOption('udp', '10.0.0.1', '10.0.0.9', 53),
    translated('udp', '10.0.0.2', '10.0.0.9', 53, '--src-nat 192.0.2.1'),
    translated('udp', '10.0.0.3', '10.0.0.9', 53, '--dst-nat 10.4.0.1:80'),
    translated('udp', '10.0.0.4', '10.0.0.9', 53, '--src-nat 192.0.2.1 --dst-nat 10.4.0.1:80'),
    translated('udp', '10.0.0.5', '10.0.0.9', 53, '--dst-nat 10.4.0.1:81'),
    translated('udp', '10.0.0.6', '10.0.0.9', 53, '--dst-nat 10.4.0.2:80'),
    translated('udp', '10.0.0.7', '10.0.0.9', 54, '--dst-nat 10.4.0.1:80'),
    translated('udp', '10.0.0.8', '10.0.0.8', 53, '--dst-nat 10.4.0.1:80'),
    // To the target itself, not by way of a port.
    flowOption('udp', '10.0.0.9', '10.4.0.1', 80),
  ]
  const various6 = various.map(line =>
    line.replace(/(10|192)(\.\d+){3}(:\d+)?/g, text => {
      const [address = '', port] = text.split(':')
      const six = `fd00::${address.replaceAll('.', ':')}`
      return port ? `[${six}]:${port}` : six
    }),
  )
  /** Of `various`, what is gone: the last part of the source. */
  const gone = (): string => {
    const left = flows().map(line => line.split(' ')[1]?.split(/[.:]/).at(-1))
    return '123456789'.replace(new RegExp(`[${left.join('')}]`, 'g'), '')
  }
  for (const [family, lines, is] of [
    [4, various, (address: string) => address],
    [6, various6, (address: string) => `fd00::${address.replaceAll('.', ':')}`],
  ] as const) {
    const host = { address: parseAddress(is('10.0.0.9')) }
    const pod = target(is('10.4.0.1'), 80)
    for (const [name, meant, expected] of [
      ['what is not translated', choice(53, { family }), '1'],
      ['of an address', choice(53, { family, ...host }), '1'],
      ['what goes to a pod', choice(53, { family, ...pod }), '348'],
      ['by an address', choice(53, { family, ...host, ...pod }), '34'],
      ['no such pod', choice(53, { family, ...target(is('10.4.0.3'), 80) }), ''],
    ] as const) {
      await t.test(`IPv${family}: ${name}`, async t => {
        create(...lines)
        t.equal(gone(), '', 'all are there')
        deleteFlows(connection, [meant])
        t.equal(gone(), expected)
        run('conntrack --flush')
      })
    }
    await t.test(`IPv${family}: many choices at once are found in one listing`, async t => {
      create(...lines)
      const many = Array.from({ length: 50 }, (_, i) => choice(1000 + i, { family, ...pod }))
      deleteFlows(connection, [...many, choice(53, { family, ...host, ...pod }), choice(54, { family, ...pod })])
      t.equal(gone(), '347')
      run('conntrack --flush')
    })
  }

  await t.test('where the kernel cannot compare, what it lists is compared here', async t => {
    create(
      flowOption('sctp', '10.0.0.9', '10.0.0.1', 53, '--state ESTABLISHED', '--orig-vtag 1', '--reply-vtag 2'),
      flowOption('sctp', '10.0.0.9', '10.0.0.1', 54, '--state ESTABLISHED', '--orig-vtag 1', '--reply-vtag 2'),
      flowOption('udp', '10.0.0.9', '10.0.0.1', 53),
    )
    deleteFlows(connection, [choice(53, { protocol: SCTP })])
    t.same(flows(), ['sctp 10.0.0.9 10.0.0.1 54', 'udp 10.0.0.9 10.0.0.1 53'])
    run('conntrack --flush')
  })

  await t.test('of a thousand, the right ones', async t => {
    const lines = Array.from({ length: 1000 }, (_, i) =>
      flowOption('udp', `10.0.${i >> 3}.9`, `10.1.0.${i % 250}`, 1000 + (i % 500)),
    )
    run('cat | conntrack --load-file -', `${lines.join('\n')}\n`)
    const before = flows()
    deleteFlows(connection, [choice(1234)])
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
    t.throws(() => deleteFlows(other, [choice(53)]), {
      code: 'CONNTRACK_MISSING',
      message: /connections to port 53.*nf_conntrack_netlink/,
    })
  })
})

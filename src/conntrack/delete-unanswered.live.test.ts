import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { Namespace } from '../netns/namespace.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { deleteUnanswered } from './delete-unanswered.ts'

const hasTool = existsSync('/usr/sbin/conntrack')
const needs = { ...(hasTool ? {} : { skip: 'conntrack is missing: apt-get install conntrack' }), ...needsRoot }

t.test('flows that nobody answers, of these senders, with their own address, are forgotten', needs, async t => {
  using namespace = Namespace.open(throwAwayNamespace(t))
  using connection = namespace.inside(() => Connection.open(NETLINK_NETFILTER))
  const conntrack = (...args: string[]): string =>
    execFileSync('nsenter', [`--net=${namespace.path}`, 'conntrack', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const create = (from: string, port: number, ...more: string[]) =>
    conntrack(
      ...['--create', '--protonum', 'udp', '--timeout', '300', '--src', from, '--sport', '40000', '--dport', `${port}`],
      ...['--dst', from.includes(':') ? '2001:db8::1' : '192.0.2.1', ...more],
    )
  for (const [a, b, nat] of [
    ['10.1.0.2', '10.1.0.3', '192.0.2.9'],
    ['fd00::2', 'fd00::3', '2001:db8::9'],
  ] as const) {
    create(a, 1)
    create(a, 2, '--status', 'SEEN_REPLY')
    create(a, 3, '--src-nat', nat)
    create(b, 4)
  }
  /** Of both families. */
  const ports = () =>
    ['ipv4', 'ipv6'].map(family =>
      Array.from(
        conntrack('--dump', '--family', family).matchAll(/src=(?:10|fd)\S+ dst=\S+ sport=\d+ dport=(\d)/g),
        ([, port]) => port,
      )
        .toSorted()
        .join(' '),
    )
  t.strictSame(ports(), ['1 2 3 4', '1 2 3 4'])
  deleteUnanswered(connection, [])
  t.strictSame(ports(), ['1 2 3 4', '1 2 3 4'])
  deleteUnanswered(connection, ['10.1.0.2', 'fd00::2'].map(parseAddress))
  t.strictSame(ports(), ['2 3 4', '2 3 4'])
})

// Our one table of nftables, which all pods of the node share: rules are the same however many they are; a pod is elements of maps, or a bit of its link's group.
import type { Base, Chain } from '../nftables/chain.ts'
import { is, isIn, isNot, isNotIn, isNotUnder, isUnder } from '../nftables/condition.ts'
import type { DataTypeName } from '../nftables/data-type.ts'
import type { Expression } from '../nftables/expression.ts'
import type { NftObject } from '../nftables/object-message.ts'
import { LAST_REGISTER } from '../nftables/register.ts'
import type { NftSet } from '../nftables/set.ts'
import { addTo, counter, dnat, masquerade, notrack, verdict } from '../nftables/statement.ts'
import type { PodRules } from './pod-rules.ts'

export const within = { family: 'inet', table: 'podwire' } as const

/** Goes up with every change of what is below. The sets keep their names and types: older plugins may still be at work. */
export const TABLE_VERSION = 5

/** Of a table in the kernel, by its comment; 0 where it is nobody's that we know. */
export const versionOf = (comment: string | undefined): number =>
  Number(/^podwire (\d+)$/.exec(comment ?? '')?.[1] ?? 0)

/** The groups of pods' host ends (ip link show group): "pwd", and in the last three bits what holds for the pod. */
const GROUP = 0x7077_6400
const GROUP_MASK = 0xffff_fff8
const ANTI_SPOOFED = 1
const MASQUERADED = 2

export const linkGroup = ({ isAntiSpoofed, masqueradeExcept }: PodRules): number =>
  GROUP | (isAntiSpoofed ? ANTI_SPOOFED : 0) | (masqueradeExcept === undefined ? 0 : MASQUERADED)

const map = (name: string, key: NftSet['key'], value: NftSet['key']): NftSet => ({ ...set(name, key), value })
const set = (name: string, key: NftSet['key']): NftSet => ({ kind: 'set', ...within, name, key })

/** What was found to be a pod's own address is so for some seconds: a route's look-up for each packet is dear, of IPv6 most of all. */
const senders = (name: string, address: DataTypeName): NftSet => ({
  ...set(name, ['iface_index', address]),
  isDynamic: true,
  timeoutMs: 10_000,
  size: 4096,
})

/** Of each family: who has a port of every address, and of one address; who may reach itself by one; where pods keep their address. */
export const sets = {
  4: {
    ports: map('ports4', ['inet_proto', 'inet_service'], ['ipv4_addr', 'inet_service']),
    portsAt: map('ports-at4', ['ipv4_addr', 'inet_proto', 'inet_service'], ['ipv4_addr', 'inet_service']),
    hairpin: set('hairpin4', ['ipv4_addr', 'ipv4_addr']),
    except: { ...set('except4', ['ipv4_addr']), isInterval: true },
    senders: senders('senders4', 'ipv4_addr'),
  },
  6: {
    ports: map('ports6', ['inet_proto', 'inet_service'], ['ipv6_addr', 'inet_service']),
    portsAt: map('ports-at6', ['ipv6_addr', 'inet_proto', 'inet_service'], ['ipv6_addr', 'inet_service']),
    hairpin: set('hairpin6', ['ipv6_addr', 'ipv6_addr']),
    except: { ...set('except6', ['ipv6_addr']), isInterval: true },
    senders: senders('senders6', 'ipv6_addr'),
  },
} as const satisfies Record<4 | 6, Record<string, NftSet>>

const SPOOFED = 'spoofed'

const bases = {
  // Before connection tracking: what is dropped is not remembered.
  'from-pods': { type: 'filter', hook: 'prerouting', priority: -300, policy: 'accept' },
  'tunnel-out': { type: 'filter', hook: 'output', priority: -300, policy: 'accept' },
  // Behind those of services (dstnat is -100), so that a service's own port comes first, and before firewalld's.
  'ports-from-elsewhere': { type: 'nat', hook: 'prerouting', priority: -95, policy: 'accept' },
  'ports-from-here': { type: 'nat', hook: 'output', priority: -95, policy: 'accept' },
  // Behind those who give a source of their choice (srcnat is 100).
  leaving: { type: 'nat', hook: 'postrouting', priority: 105, policy: 'accept' },
} as const satisfies Record<string, Base>

/** In the order in which they are made. ARCHITECTURE.md shows them, and a test compares. */
export const chains: readonly Chain[] = [
  { kind: 'chain', ...within, name: 'to-ports' },
  { kind: 'chain', ...within, name: 'own-address' },
  ...Object.entries(bases).map(([name, base]) => ({ kind: 'chain', ...within, name, base }) as const),
]

/** VXLAN's own, and the agent's where it was told no other. */
export const TUNNEL_PORT = 4789

const rules = (): Record<string, Expression[][][]> => {
  const [ipv4, ipv6] = [is('meta nfproto', 'ipv4'), is('meta nfproto', 'ipv6')]
  const [accept, drop] = [verdict('accept'), verdict('drop')]
  const byPort = ['meta l4proto', 'th dport'] as const
  const toPod = isUnder('meta oifgroup', GROUP_MASK, GROUP)
  const notFrom = (bit: number) => isNotUnder('meta iifgroup', (GROUP_MASK | bit) >>> 0, GROUP | bit)
  // What the node itself sends came by no interface: it is of no group, and no rule that looks for one, or for another, holds for it.
  const masqueraded = isUnder('meta iifgroup', (GROUP_MASK | MASQUERADED) >>> 0, GROUP | MASQUERADED)
  // What the tunnel carries is tracked inside it, and tracking each of its packets once more is dear. No answer ever comes to the port that one was sent from.
  const tunnel = [is('meta l4proto', 'udp'), is('th dport', TUNNEL_PORT)]
  // Nothing that only passes through (CVE-2025-67499). That is asked last: a route's look-up for every connection is dear.
  const ofNode = { hasPort: true, where: is('fib daddr type', 'local', LAST_REGISTER) } as const
  const replaceSource = masquerade({ fullyRandom: true })
  return {
    'from-pods': [
      [...tunnel, isNotUnder('meta iifgroup', GROUP_MASK, GROUP), notrack()],
      [isNotUnder('meta iifgroup', GROUP_MASK, GROUP), accept],
      // Where a host end routes 127.0.0.1 (see leaving), the node's own services there stay its own.
      [ipv4, is('ip daddr', '127.0.0.0/8'), counter(SPOOFED), drop],
      // First, as that is what nearly all packets are.
      [ipv4, isIn(['meta iif', 'ip saddr'], sets[4].senders.name), accept],
      [ipv6, isIn(['meta iif', 'ip6 saddr'], sets[6].senders.name), accept],
      // A route to the source leads where the packet came from: the pod's own addresses alone have one.
      [is('fib saddr . iif oif', 'exists'), verdict('goto own-address')],
      [notFrom(ANTI_SPOOFED), accept],
      // What IPv6 itself sends.
      [ipv6, is('ip6 saddr', 'fe80::/10'), accept],
      [ipv6, is('ip6 saddr', '::'), is('meta l4proto', 'ipv6-icmp'), accept],
      [counter(SPOOFED), drop],
    ],
    'own-address': [
      // Nobody's address has a way back for some packets only: net/ipv4/netfilter/nft_fib_ipv4.c, net/ipv6/netfilter/nft_fib_ipv6.c.
      [ipv4, isNot('ip saddr', '0.0.0.0'), addTo(sets[4].senders.name, ['meta iif', 'ip saddr'])],
      [ipv6, isNot('ip6 saddr', '::'), addTo(sets[6].senders.name, ['meta iif', 'ip6 saddr'])],
      [accept],
    ],
    'tunnel-out': [[...tunnel, notrack()]],
    'to-ports': [
      [ipv4, dnat('ip', { fields: ['ip daddr', ...byPort], map: sets[4].portsAt.name, ...ofNode })],
      [ipv4, dnat('ip', { fields: byPort, map: sets[4].ports.name, ...ofNode })],
      [ipv6, dnat('ip6', { fields: ['ip6 daddr', ...byPort], map: sets[6].portsAt.name, ...ofNode })],
      [ipv6, dnat('ip6', { fields: byPort, map: sets[6].ports.name, ...ofNode })],
    ],
    'ports-from-elsewhere': [[verdict('jump to-ports')]],
    'ports-from-here': [[verdict('jump to-ports')]],
    leaving: [
      // A pod that reached itself would not answer itself by way of the node.
      [ipv4, isIn(['ip saddr', 'ip daddr'], sets[4].hairpin.name), replaceSource],
      [ipv6, isIn(['ip6 saddr', 'ip6 daddr'], sets[6].hairpin.name), replaceSource],
      [toPod, ipv4, is('ip saddr', '127.0.0.0/8'), replaceSource],
      [toPod, ipv6, is('ip6 saddr', '::1'), replaceSource],
      [toPod, accept],
      [masqueraded, ipv4, isNot('ip daddr', '224.0.0.0/4'), isNotIn('ip daddr', sets[4].except.name), replaceSource],
      [masqueraded, ipv6, isNot('ip6 daddr', 'ff00::/8'), isNotIn('ip6 daddr', sets[6].except.name), replaceSource],
    ],
  }
}

/** All of it, without the pods. */
export const nodeTable = (): readonly NftObject[] => [
  { kind: 'table', family: within.family, name: within.table, comment: `podwire ${TABLE_VERSION}` },
  { kind: 'counter', ...within, name: SPOOFED, comment: 'sent by pods from addresses that are not theirs' },
  ...allSets,
  ...chains,
  ...Object.entries(rules()).flatMap(([chain, all]) =>
    all.map(phrases => ({ kind: 'rule', ...within, chain, expressions: phrases.flat() }) as const),
  ),
]

export const allSets: readonly NftSet[] = [...Object.values(sets[4]), ...Object.values(sets[6])]

/** What a whole table has: so many rules, and so many chains, sets and counters. */
export const RULE_COUNT = 27
export const OBJECT_COUNT = 18

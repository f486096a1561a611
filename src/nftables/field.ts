// What a rule can look at, by nft's words for it, and how it gets into a register. nft(8) PAYLOAD, META, CONNTRACK and FIB EXPRESSIONS
import type { DataTypeName } from './data-type.ts'
import type { Expression } from './expression.ts'

interface Field {
  readonly type: DataTypeName
  /** Which expression loads it, and what that one is told besides the register. */
  readonly load:
    | readonly ['payload', base: number, offset: number, length: number]
    | readonly ['meta' | 'ct', key: number]
    | readonly ['fib', result: number, flags: number]
}

// enum nft_payload_bases
const NETWORK = 1
const TRANSPORT = 2
// enum nft_fib_result, enum nft_fib_flags
const FIB_OIF = 1
const FIB_ADDRTYPE = 3
const FIB_SADDR = 1
const FIB_DADDR = 2
const FIB_IIF = 8
const FIB_PRESENT = 32

const fields = {
  'ip protocol': { type: 'inet_proto', load: ['payload', NETWORK, 9, 1] },
  'ip saddr': { type: 'ipv4_addr', load: ['payload', NETWORK, 12, 4] },
  'ip daddr': { type: 'ipv4_addr', load: ['payload', NETWORK, 16, 4] },
  'ip6 nexthdr': { type: 'inet_proto', load: ['payload', NETWORK, 6, 1] },
  'ip6 saddr': { type: 'ipv6_addr', load: ['payload', NETWORK, 8, 16] },
  'ip6 daddr': { type: 'ipv6_addr', load: ['payload', NETWORK, 24, 16] },
  'icmp type': { type: 'icmp_type', load: ['payload', TRANSPORT, 0, 1] },
  'icmpv6 type': { type: 'icmpv6_type', load: ['payload', TRANSPORT, 0, 1] },
  'th sport': { type: 'inet_service', load: ['payload', TRANSPORT, 0, 2] },
  'th dport': { type: 'inet_service', load: ['payload', TRANSPORT, 2, 2] },
  'meta protocol': { type: 'ether_type', load: ['meta', 1] },
  'meta mark': { type: 'mark', load: ['meta', 3] },
  'meta iif': { type: 'iface_index', load: ['meta', 4] },
  'meta oif': { type: 'iface_index', load: ['meta', 5] },
  'meta iifname': { type: 'ifname', load: ['meta', 6] },
  'meta oifname': { type: 'ifname', load: ['meta', 7] },
  'meta nfproto': { type: 'nf_proto', load: ['meta', 15] },
  'meta l4proto': { type: 'inet_proto', load: ['meta', 16] },
  'meta iifgroup': { type: 'devgroup', load: ['meta', 21] },
  'meta oifgroup': { type: 'devgroup', load: ['meta', 22] },
  'ct state': { type: 'ct_state', load: ['ct', 0] },
  'ct direction': { type: 'ct_dir', load: ['ct', 1] },
  'ct status': { type: 'ct_status', load: ['ct', 2] },
  'ct mark': { type: 'mark', load: ['ct', 3] },
  'fib saddr type': { type: 'fib_addrtype', load: ['fib', FIB_ADDRTYPE, FIB_SADDR] },
  'fib daddr type': { type: 'fib_addrtype', load: ['fib', FIB_ADDRTYPE, FIB_DADDR] },
  'fib saddr . iif oif': { type: 'boolean', load: ['fib', FIB_OIF, FIB_SADDR | FIB_IIF | FIB_PRESENT] },
  'fib daddr . iif type': { type: 'fib_addrtype', load: ['fib', FIB_ADDRTYPE, FIB_DADDR | FIB_IIF] },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof fields

export const typeOf = (field: FieldName): DataTypeName => fields[field].type

/** Loads a field, or of a payload only its first bytes. */
export function load(field: FieldName, destination: number, length?: number): Expression {
  const { load }: Field = fields[field]
  switch (load[0]) {
    case 'payload':
      return { name: 'payload', data: { destination, base: load[1], offset: load[2], length: length ?? load[3] } }
    case 'fib':
      return { name: 'fib', data: { flags: load[2], result: load[1], destination } }
    case 'meta':
      return { name: 'meta', data: { key: load[1], destination } }
    case 'ct':
      return { name: 'ct', data: { key: load[1], destination } }
  }
}

/** Writes a register into a mark. */
export function store(field: 'meta mark' | 'ct mark', source: number): Expression {
  const [name, key] = fields[field].load
  return name === 'meta' ? { name, data: { key, source } } : { name, data: { key, source } }
}

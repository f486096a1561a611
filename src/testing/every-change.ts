// All that we can say to nftables, in our own words: what src/nftables/golden/everything.nft says in nft's.

import type { Change } from '../nftables/change.ts'
import {
  begins,
  hasAny,
  is,
  isBetween,
  isIn,
  isNot,
  isNotBetween,
  isNotIn,
  isNotUnder,
  isUnder,
  verdictOf,
} from '../nftables/condition.ts'
import type { Element } from '../nftables/element.ts'
import type { Expression } from '../nftables/expression.ts'
import type { Family } from '../nftables/family.ts'
import type { NftSet } from '../nftables/set.ts'
import {
  addTo,
  counter,
  dnat,
  log,
  masquerade,
  notrack,
  redirect,
  setMark,
  setMarkBits,
  snat,
  verdict,
} from '../nftables/statement.ts'

const inet = { family: 'inet', table: 'podwire' } as const
const ip = { family: 'ip', table: 'podwire' } as const
const ip6 = { family: 'ip6', table: 'podwire' } as const
const netdev = { family: 'netdev', table: 'podwire' } as const
const target = ['ipv4_addr', 'inet_service'] as const
const ipv4 = is('meta nfproto', 'ipv4')
const ipv6 = is('meta nfproto', 'ipv6')
const tcp = is('meta l4proto', 'tcp')
const local = is('fib daddr type', 'local')

const set = (name: string, key: NftSet['key'], rest: Partial<NftSet> = {}): NftSet => ({
  kind: 'set',
  ...inet,
  name,
  key,
  ...rest,
})
const withElements = (set: NftSet, ...elements: Element[]): Change[] => [
  ['add', set],
  ['add', { kind: 'elements', set, elements }],
]
const rule = (chain: string, phrases: readonly Expression[][], comment?: string, family: Family = 'inet'): Change => [
  'add',
  { kind: 'rule', ...inet, family, chain, expressions: phrases.flat(), ...(comment && { comment }) },
]

const sets: Change[] = [
  ...withElements(
    set('pods', ['ipv4_addr'], { comment: 'all pods' }),
    { key: ['10.244.1.5'], comment: 'default/web' },
    { key: ['10.244.1.6'] },
  ),
  ...withElements(
    set('except', ['ipv4_addr'], { isInterval: true }),
    { key: ['10.0.0.0/8'] },
    { key: ['192.168.0.1-192.168.0.9'], comment: 'some' },
    { key: ['240.0.0.0/4'] },
  ),
  ...withElements(
    set('except6', ['ipv6_addr'], { isInterval: true }),
    { key: ['fd00::/8'] },
    { key: ['fe80::-fe80::1:0'] },
    { key: ['ff00::/8'] },
  ),
  ...withElements(set('marks', ['mark']), { key: [0x4000] }, { key: [1] }),
  ...withElements(set('senders', ['ifname', 'ipv4_addr']), { key: ['pwabc', '10.244.1.5'], comment: 'default/web' }),
  ['add', set('recent', ['ipv4_addr'], { size: 1000, timeoutMs: 3_600_000 })],
  ['add', set('found', ['iface_index', 'ipv6_addr'], { isDynamic: true, size: 4096, timeoutMs: 60_000 })],
  ...withElements(
    set('allowed', ['ipv4_addr', 'inet_proto', 'inet_service'], { isInterval: true }),
    { key: ['10.0.0.0/12', 'tcp', '80-90'] },
    { key: ['10.99.0.1', 'udp', 53] },
    { key: ['0.0.0.0/0', 99, '0-65535'] },
  ),
  ...withElements(
    set('ports', ['ipv4_addr', 'inet_proto', 'inet_service'], { value: target, comment: 'host ports' }),
    { key: ['192.0.2.1', 'tcp', 8080], value: ['10.244.1.5', 80], comment: 'default/web' },
    { key: ['192.0.2.1', 'sctp', 8080], value: ['10.244.1.6', 80] },
  ),
  ...withElements(
    set('chains', ['ifname'], { value: 'verdict' }),
    { key: ['pwabc'], value: 'jump other' },
    { key: ['lo'], value: 'accept' },
    { key: ['eth0'], value: 'goto other' },
  ),
  ...withElements(
    set('services', ['inet_service'], { value: 'verdict', isInterval: true }),
    { key: [22], value: 'accept' },
    { key: ['1000-1999'], value: 'drop' },
    { key: ['2000-65535'], value: 'continue' },
  ),
]

const rules: Change[] = [
  rule('pre', [
    local,
    ipv4,
    dnat('ip', { fields: ['ip daddr', 'meta l4proto', 'th dport'], map: 'ports', hasPort: true }),
  ]),
  rule('pre', [is('fib daddr . iif type', 'local'), verdict('return')]),
  rule('pre', [tcp, is('th dport', 8080), dnat('ip', { address: '10.244.1.5', port: 80 })]),
  rule('pre', [is('meta l4proto', 'udp'), is('th dport', 53), redirect(5353)]),
  rule('out', [
    ipv6,
    is('ip6 daddr', 'fd00::1'),
    tcp,
    is('th dport', 80),
    dnat('ip6', { address: 'fd00::5', port: 8080 }),
  ]),
  rule(
    'post',
    [ipv4, isIn('ip saddr', 'pods'), isNotIn('ip daddr', 'except'), masquerade({ fullyRandom: true })],
    'leaving',
  ),
  rule('post', [hasAny('ct status', ['dnat']), hasAny('meta mark', [0x4000]), masquerade()]),
  rule('post', [
    ipv4,
    is('ip saddr', '10.0.0.0/12'),
    isNot('ip daddr', '10.0.0.0/16'),
    snat('ip', { address: '192.0.2.1' }),
  ]),
  rule('raw', [
    begins('meta iifname', 'pw'),
    ipv4,
    isNotIn(['meta iifname', 'ip saddr'], 'senders'),
    counter('spoofed'),
    verdict('drop'),
  ]),
  rule('raw', [isNotUnder('meta iifgroup', 0xffff_fff9, 0x7077_6401), verdict('accept')]),
  rule('raw', [
    isUnder('meta iifgroup', 0xffff_fffa, 0x7077_6402),
    is('fib saddr . iif oif', 'missing'),
    verdict('drop'),
  ]),
  rule('raw', [
    ipv6,
    is('ip6 saddr', 'fe80::/10'),
    is('meta l4proto', 'ipv6-icmp'),
    is('icmpv6 type', 135),
    verdict('accept'),
  ]),
  rule('raw', [hasAny('ct state', ['established', 'related']), is('ct direction', 'reply'), verdict('accept')]),
  rule('raw', [hasAny('ct state', ['invalid']), counter(), log('invalid: '), verdict('drop')]),
  rule('raw', [
    is('meta iif', 1),
    isNot('meta oifname', 'eth0'),
    isIn('meta mark', 'marks'),
    setMarkBits('meta mark', 0x4000),
    setMark('ct mark', 5),
    verdict('return'),
  ]),
  rule('raw', [tcp, isBetween('th dport', 8000, 8999), isNotBetween('th sport', 1, 1023), notrack()]),
  rule('raw', [ipv4, isIn(['ip daddr', 'ip protocol', 'th dport'], 'allowed'), verdict('accept')]),
  rule('raw', [verdictOf('meta iifname', 'chains')]),
  rule('raw', [tcp, verdictOf('th dport', 'services')]),
  rule('raw', [ipv6, addTo('found', ['meta iif', 'ip6 saddr'])]),
  rule('raw', [ipv4, is('ip protocol', 'icmp'), verdict('goto other')]),
]

export const everyChange: readonly Change[] = [
  ['add', { kind: 'table', family: 'inet', name: 'podwire', comment: 'pods' }],
  ['add', { kind: 'counter', ...inet, name: 'spoofed', comment: 'dropped' }],
  ['add', { kind: 'chain', ...inet, name: 'other', comment: 'jumped to' }],
  [
    'add',
    {
      kind: 'chain',
      ...inet,
      name: 'pre',
      base: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' },
    },
  ],
  [
    'add',
    { kind: 'chain', ...inet, name: 'out', base: { type: 'nat', hook: 'output', priority: -100, policy: 'accept' } },
  ],
  [
    'add',
    {
      kind: 'chain',
      ...inet,
      name: 'post',
      base: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
    },
  ],
  [
    'add',
    {
      kind: 'chain',
      ...inet,
      name: 'raw',
      base: { type: 'filter', hook: 'prerouting', priority: -300, policy: 'drop' },
    },
  ],
  ...sets,
  ...rules,

  ['add', { kind: 'table', family: 'ip', name: 'podwire' }],
  ['add', set('ports', ['inet_service'], { ...ip, value: ['ipv4_addr'] })],
  [
    'add',
    { kind: 'chain', ...ip, name: 'pre', base: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' } },
  ],
  rule('pre', [tcp, dnat('ip', { fields: 'th dport', map: 'ports', hasPort: false })], '', 'ip'),

  ['add', { kind: 'table', family: 'ip6', name: 'podwire' }],
  ...withElements(set('ports', ['inet_proto', 'inet_service'], { ...ip6, value: ['ipv6_addr', 'inet_service'] }), {
    key: ['tcp', 8080],
    value: ['fd00::5', 80],
  }),
  [
    'add',
    { kind: 'chain', ...ip6, name: 'pre', base: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' } },
  ],
  rule('pre', [local, dnat('ip6', { fields: ['meta l4proto', 'th dport'], map: 'ports', hasPort: true })], '', 'ip6'),

  ['add', { kind: 'table', family: 'netdev', name: 'podwire' }],
  ['add', set('sources', ['ipv6_addr'], netdev)],
  [
    'add',
    {
      kind: 'chain',
      ...netdev,
      name: 'in',
      base: { type: 'filter', hook: 'ingress', device: 'lo', priority: -500, policy: 'accept' },
    },
  ],
  rule('in', [is('meta protocol', 'ip6'), isNotIn('ip6 saddr', 'sources'), counter(), verdict('drop')], '', 'netdev'),
]

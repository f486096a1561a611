import t from 'tap'
import { testBatch } from '../testing/batch.ts'
import { testReplies } from '../testing/wire.ts'
import { begins, hasAny, is, isBetween, isIn, isNot, isNotBetween, isNotIn, isUnder, verdictOf } from './condition.ts'
import type { Expression } from './expression.ts'
import { decodeRule, encodeRule, nameRule, type Rule, ruleMessage } from './rule.ts'
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
} from './statement.ts'

const inChain = (chain: string, ...phrases: Expression[][]): Rule => ({
  kind: 'rule',
  family: 'inet',
  table: 'podwire',
  chain,
  expressions: phrases.flat(),
})
const ipv4 = is('meta nfproto', 'ipv4')
const ipv6 = is('meta nfproto', 'ipv6')
const tcp = is('meta l4proto', 'tcp')
const dropped = inChain('raw', verdict('drop'))

testBatch(import.meta.url, {
  'rule-add-masquerade': [
    'add',
    {
      ...inChain(
        'post',
        ipv4,
        isIn('ip saddr', 'pods'),
        isNotIn('ip daddr', 'except'),
        masquerade({ fullyRandom: true }),
      ),
      comment: 'leaving',
    },
  ],
  'rule-add-masquerade-mapped': ['add', inChain('post', hasAny('ct status', ['dnat']), masquerade())],
  'rule-add-snat': [
    'add',
    {
      ...inChain(
        'post',
        is('ip saddr', '10.0.0.0/12'),
        isNot('ip daddr', '10.0.0.0/16'),
        snat('ip', { address: '192.0.2.1' }),
      ),
      family: 'ip',
    },
  ],
  'rule-add-dnat-map': [
    'add',
    inChain(
      'pre',
      is('fib daddr type', 'local'),
      ipv4,
      dnat('ip', { fields: ['ip daddr', 'meta l4proto', 'th dport'], map: 'ports', hasPort: true }),
    ),
  ],
  'rule-add-dnat-map-ipv6': [
    'add',
    {
      ...inChain(
        'pre',
        is('fib daddr type', 'local'),
        dnat('ip6', { fields: ['meta l4proto', 'th dport'], map: 'ports', hasPort: true }),
      ),
      family: 'ip6',
    },
  ],
  'rule-add-dnat-map-address': [
    'add',
    { ...inChain('pre', tcp, dnat('ip', { fields: 'th dport', map: 'ports', hasPort: false })), family: 'ip' },
  ],
  'rule-add-dnat': ['add', inChain('pre', tcp, is('th dport', 8080), dnat('ip', { address: '10.244.1.5', port: 80 }))],
  'rule-add-redirect': ['add', inChain('pre', is('meta l4proto', 'udp'), is('th dport', 53), redirect(5353))],
  'rule-add-from-pods': [
    'add',
    inChain(
      'raw',
      isUnder('meta iifgroup', 0xffff_fff9, 0x7077_6401),
      is('fib saddr . iif oif', 'missing'),
      verdict('drop'),
    ),
  ],
  'rule-add-antispoof': [
    'add',
    inChain(
      'raw',
      begins('meta iifname', 'pw'),
      ipv4,
      isNotIn(['meta iifname', 'ip saddr'], 'senders'),
      counter(),
      verdict('drop'),
    ),
  ],
  'rule-add-antispoof-netdev': [
    'add',
    {
      ...inChain('in', is('meta protocol', 'ip6'), isNotIn('ip6 saddr', 'sources'), counter(), verdict('drop')),
      family: 'netdev',
    },
  ],
  'rule-add-counter': ['add', inChain('raw', counter('spoofed'), verdict('goto other'))],
  'rule-add-verdict-map': ['add', inChain('raw', verdictOf('meta iifname', 'chains'))],
  'rule-add-state': [
    'add',
    inChain('raw', hasAny('ct state', ['established', 'related']), is('ct direction', 'reply'), verdict('accept')),
  ],
  'rule-add-mark': ['add', inChain('raw', setMarkBits('meta mark', 0x4000), setMark('ct mark', 5), verdict('return'))],
  'rule-add-ports': [
    'add',
    inChain('raw', tcp, isBetween('th dport', 8000, 8999), isNotBetween('th sport', 1, 1023), notrack()),
  ],
  'rule-add-log': ['add', inChain('raw', hasAny('ct state', ['invalid']), log('invalid: '), verdict('jump other'))],
  'rule-add-interfaces': [
    'add',
    inChain(
      'raw',
      is('meta iif', 1),
      is('meta iifname', 'eth0'),
      is('meta l4proto', 'ipv6-icmp'),
      is('icmpv6 type', 135),
      verdict('accept'),
    ),
  ],
  'rule-add-element': ['add', inChain('own', ipv6, addTo('found', ['meta iif', 'ip6 saddr']))],
  'rule-insert': ['insert', { ...inChain('raw', verdict('accept')), position: 3 }],
  'rule-add-behind': ['add', { ...inChain('raw', verdict('accept')), position: 3 }],
  'rule-replace': ['replace', { ...inChain('raw', verdict('return')), handle: 3 }],
  'rule-delete': ['delete', { ...dropped, handle: 3 }],
})

testReplies(import.meta.url, ruleMessage, {
  'rule-list': [
    { attributes: { chain: 'pre', expressions: [{ name: 'fib' }, {}, {}, {}, {}, {}, {}, {}, { name: 'nat' }] } },
    { attributes: { chain: 'pre' } },
    { attributes: { chain: 'pre' } },
    { attributes: { chain: 'post' } },
    { attributes: { chain: 'raw' } },
    { attributes: { chain: 'raw' } },
  ],
})

t.test('reads back what it wrote', async t => {
  const rule = { ...inChain('raw', counter(), verdict('drop')), comment: 'none may pass' }
  t.same(decodeRule(encodeRule(rule)), rule)
})

t.test('deletes no rule that it has no handle of', async t => {
  t.throws(() => nameRule(dropped), { message: 'a rule of inet podwire raw is deleted by its handle' })
})

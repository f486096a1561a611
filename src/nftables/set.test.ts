import t from 'tap'
import { testBatch } from '../testing/batch.ts'
import { testReplies } from '../testing/wire.ts'
import { decodeSet, encodeSet, type NftSet, setMessage } from './set.ts'

const within = { kind: 'set', family: 'inet', table: 'podwire' } as const
const pods = { ...within, name: 'pods', key: ['ipv4_addr'] } as const
const ports = {
  ...within,
  name: 'ports',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  value: ['ipv4_addr', 'inet_service'],
} as const
const chains = { ...within, name: 'chains', key: ['ifname'], value: 'verdict' } as const
const allowed = {
  ...within,
  name: 'allowed',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  isInterval: true,
} as const
const recent = { ...within, name: 'recent', key: ['ipv4_addr'], size: 1000, timeoutMs: 10_000 } as const
const found = {
  ...within,
  name: 'found',
  key: ['iface_index', 'ipv6_addr'],
  isDynamic: true,
  size: 4096,
  timeoutMs: 60_000,
} as const

testBatch(import.meta.url, {
  'set-add': ['add', { ...pods, comment: 'all pods' }],
  'set-add-interval': ['add', { ...within, name: 'except', key: ['ipv6_addr'], isInterval: true }],
  'set-add-concatenation': ['add', { ...within, name: 'senders', key: ['ifname', 'ipv4_addr'] }],
  'set-add-marks': ['add', { ...within, name: 'marks', key: ['mark'] }],
  'set-add-interval-concatenation': ['add', allowed],
  'set-add-timeout': ['add', recent],
  'set-add-dynamic': ['add', found],
  'map-add': ['add', { ...ports, comment: 'host ports' }],
  'map-add-verdicts': ['add', chains],
  'set-delete': ['delete', pods],
  'set-flush': ['flush', pods],
})

testReplies(import.meta.url, setMessage, {
  'set-list': [
    { attributes: { name: 'pods', keyType: 7, keyLength: 4 } },
    { attributes: { name: 'except', flags: 4 } },
    { attributes: { name: 'ports', flags: 8, keyLength: 12, dataLength: 8 } },
    { attributes: { name: 'chains', flags: 0x8c, description: { concatenation: [{ length: 4 }, { length: 2 }] } } },
  ],
})

t.test('reads back what it wrote', async t => {
  const sets: NftSet[] = [pods, ports, chains, allowed, recent, found, { ...pods, timeoutMs: 0, comment: 'x' }]
  for (const set of sets) t.same(decodeSet(encodeSet(set, 1)), set)
})

t.test('a set of types that we do not know has no key', async t => {
  const message = encodeSet(pods, 1)
  const strange = { ...message, attributes: { ...message.attributes, keyType: (63 << 6) | 7 } }
  t.same(decodeSet(strange), { ...pods, key: [] })
})

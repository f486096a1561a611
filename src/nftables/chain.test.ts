import t from 'tap'
import { testBatch } from '../testing/batch.ts'
import { testReplies } from '../testing/wire.ts'
import { type Chain, chainMessage, decodeChain, encodeChain } from './chain.ts'

const within = { kind: 'chain', family: 'inet', table: 'podwire' } as const
const here = { ...within, name: 'here' } as const

testBatch(import.meta.url, {
  'chain-add': ['add', { ...within, name: 'elsewhere' }],
  'chain-add-base': [
    'add',
    {
      ...within,
      name: 'post',
      base: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
      comment: 'leaving',
    },
  ],
  'chain-add-netdev': [
    'add',
    {
      ...within,
      family: 'netdev',
      name: 'in',
      base: { type: 'filter', hook: 'ingress', device: 'veth0', priority: -500, policy: 'drop' },
    },
  ],
  'chain-delete': ['delete', here],
  'chain-flush': ['flush', here],
})

testReplies(import.meta.url, chainMessage, {
  'chain-list': [
    { attributes: { table: 'podwire', name: 'other', use: 1 } },
    { attributes: { name: 'pre', hook: { number: 0, priority: -100 }, policy: 1, type: 'nat', flags: 1, use: 3 } },
    { attributes: { name: 'post', hook: { number: 4, priority: 100 }, policy: 1, type: 'nat' } },
    { attributes: { name: 'raw', hook: { number: 0, priority: -300 }, policy: 1, type: 'filter' } },
  ],
})

t.test('reads back what it wrote', async t => {
  const chains: Chain[] = [
    here,
    { ...here, base: { type: 'filter', hook: 'forward', priority: -1, policy: 'drop' }, comment: 'ü' },
    {
      ...here,
      family: 'netdev',
      base: { type: 'filter', hook: 'egress', device: 'eth0', priority: 0, policy: 'accept' },
    },
  ]
  for (const chain of chains) t.same(decodeChain(encodeChain(chain)), chain)
})

t.test('refuses a hook that the family does not have', async t => {
  const base = { type: 'filter', hook: 'ingress', priority: 0, policy: 'accept' } as const
  t.throws(() => encodeChain({ ...here, base }), { message: 'family inet has no hook ingress' })
})

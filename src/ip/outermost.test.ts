import fc from 'fast-check'
import t from 'tap'
import { outermost } from './outermost.ts'
import { contains, firstOf, formatPrefix, lastOf, parsePrefix } from './prefix.ts'

const texts = (...prefixes: string[]) => outermost(prefixes.map(parsePrefix)).map(formatPrefix)

t.test('what another contains is left out', async t => {
  t.same(texts('10.244.1.0/24', '10.0.0.0/8', 'fd00::/8', 'fd00:10::/64'), ['10.0.0.0/8', 'fd00::/8'])
  t.same(texts('10.0.0.0/24', '10.0.1.0/24'), ['10.0.0.0/24', '10.0.1.0/24'], 'neighbours are not joined')
  t.same(texts('10.0.0.7/24', '10.0.0.0/24'), ['10.0.0.0/24'], 'host bits are not said')
  t.same(texts('0.0.0.0/0', '::/0', '10.0.0.0/8'), ['0.0.0.0/0', '::/0'])
})

t.test('as many addresses are covered as before, and none twice', async () => {
  const prefix = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 20, max: 32 }))
    .map(([value, length]) => ({ address: { family: 4 as const, value: 0x0a000000n + BigInt(value * 37) }, length }))
  fc.assert(
    fc.property(fc.array(prefix), prefixes => {
      const kept = outermost(prefixes)
      const covers = prefixes.every(item => kept.some(k => contains(k, firstOf(item)) && contains(k, lastOf(item))))
      const overlap = kept.some((a, i) => kept.some((b, j) => i !== j && contains(a, firstOf(b))))
      return covers && !overlap
    }),
  )
})

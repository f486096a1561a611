import fc from 'fast-check'
import t from 'tap'
import { JoinedPrefixes } from './joined-prefixes.ts'
import { contains, formatPrefix, parsePrefix } from './prefix.ts'

const texts = (joined: JoinedPrefixes): string[] => joined.values().map(formatPrefix).toSorted()

t.test('halves become one, and are halves again', async t => {
  const joined = new JoinedPrefixes()
  for (const text of ['10.0.0.0/24', '10.0.1.0/24', '10.0.3.0/24', 'fd00::/64']) joined.add(parsePrefix(text))
  t.strictSame(texts(joined), ['10.0.0.0/23', '10.0.3.0/24', 'fd00::/64'])
  joined.add(parsePrefix('10.0.2.0/24'))
  joined.add(parsePrefix('fd00:0:0:1::/64'))
  t.strictSame(texts(joined), ['10.0.0.0/22', 'fd00::/63'])
  joined.delete(parsePrefix('10.0.1.0/24'))
  t.strictSame(texts(joined), ['10.0.0.0/24', '10.0.2.0/23', 'fd00::/63'])
})

t.test('what is not there is not missed', async t => {
  const joined = new JoinedPrefixes()
  joined.add(parsePrefix('10.0.0.0/24'))
  joined.delete(parsePrefix('10.0.1.0/24'))
  joined.delete(parsePrefix('::/0'))
  t.strictSame(texts(joined), ['10.0.0.0/24'])
})

t.test('says what is covered', async t => {
  const joined = new JoinedPrefixes()
  for (const text of ['0.0.0.0/1', '128.0.0.0/1', 'fd00::/64']) joined.add(parsePrefix(text))
  const covered = ['0.0.0.0/0', '10.0.0.0/8', 'fd00::/64', 'fd00::1/128', 'fd00::/63', '::/0'].map(text =>
    joined.covers(parsePrefix(text)),
  )
  t.strictSame(covered, [true, true, true, true, false, false])
})

t.test('covers what was added and not deleted, with no two halves left', async t => {
  const step = fc.record({ isAdd: fc.boolean(), part: fc.integer({ min: 0, max: 15 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const joined = new JoinedPrefixes()
      const there = new Set<number>()
      for (const { isAdd, part } of steps) {
        const prefix = parsePrefix(`10.0.0.${part * 16}/28`)
        if (isAdd && !there.has(part)) joined.add(prefix)
        if (!isAdd) joined.delete(prefix)
        if (isAdd) there.add(part)
        else there.delete(part)
      }
      for (let part = 0; part < 16; part++) {
        const { address } = parsePrefix(`10.0.0.${part * 16}/28`)
        const holders = joined.values().filter(prefix => contains(prefix, address)).length
        if (holders !== (there.has(part) ? 1 : 0)) throw new Error(`${part} is in ${holders}`)
      }
      const again = new JoinedPrefixes()
      for (const prefix of joined.values()) again.add(prefix)
      if (texts(again).join() !== texts(joined).join()) throw new Error('more could be joined')
    }),
  )
  t.pass()
})

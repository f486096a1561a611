import fc from 'fast-check'
import t from 'tap'
import { type Address, next, parseAddress, previous } from './address.ts'
import { contains, formatRange, overlaps, type Range, size } from './range.ts'

const range = fc
  .tuple(fc.constantFrom<4 | 6>(4, 6), fc.bigInt(0n, 40n), fc.bigInt(0n, 40n))
  .map(([family, from, length]): Range => ({ start: { family, value: from }, end: { family, value: from + length } }))

const members = ({ start, end }: Range): Address[] =>
  Array.from({ length: Number(end.value - start.value) + 1 }, (_, i) => ({ ...start, value: start.value + BigInt(i) }))

t.test('both ends belong to it, their neighbours do not', async t => {
  const range = { start: parseAddress('10.0.0.5'), end: parseAddress('10.0.0.7') }
  t.ok(contains(range, range.start))
  t.ok(contains(range, range.end))
  t.notOk(contains(range, previous(range.start)))
  t.notOk(contains(range, next(range.end)))
  t.notOk(contains(range, { family: 6, value: range.start.value }), 'families do not mix')
  t.equal(size(range), 3n)
  t.equal(formatRange(range), '10.0.0.5-10.0.0.7')
})

t.test('two overlap exactly where they share a member', async t => {
  fc.assert(
    fc.property(range, range, (a, b) => overlaps(a, b) === members(a).some(address => contains(b, address))),
    { numRuns: 1000 },
  )
  fc.assert(fc.property(range, range => size(range) === BigInt(members(range).length)))
  t.pass('for 1,000 pairs')
})

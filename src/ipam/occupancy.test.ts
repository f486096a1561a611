import fc from 'fast-check'
import t from 'tap'
import { type Address, formatAddress, parseAddress } from '../ip/address.ts'
import type { Range } from '../ip/range.ts'
import { Occupancy } from './occupancy.ts'

const range = (start: string, end: string): Range => ({ start: parseAddress(start), end: parseAddress(end) })
const plus = ({ family, value }: Address, i: number): Address => ({ family, value: value + BigInt(i) })
const small = range('10.0.0.3', '10.0.0.45')

t.test('knows what a set of names knows', async t => {
  const change = fc.tuple(fc.nat(42), fc.boolean())
  fc.assert(
    fc.property(fc.array(change), fc.nat(42), fc.nat(42), (changes, a, b) => {
      const occupancy = Occupancy.of([small], [])
      const taken = new Set<number>()
      for (const [i, isTaken] of changes) {
        occupancy.set(plus(small.start, i), isTaken)
        if (isTaken) taken.add(i)
        else taken.delete(i)
      }
      const [from, to] = a < b ? [a, b] : [b, a]
      const run = { start: plus(small.start, from), end: plus(small.start, to) }
      const free = Array.from(occupancy.free(run), ({ value }) => Number(value - small.start.value))
      const expected = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter(i => !taken.has(i))
      return occupancy.tracks[0]?.used === taken.size && String(free) === String(expected)
    }),
    { numRuns: 2000 },
  )
  t.pass('for 2,000 histories')
})

t.test('counts a whole range, but knows only its first addresses one by one', async t => {
  const large = range('fd00::1', 'fd00::ffff:ffff:ffff:ffff')
  const far = parseAddress('fd00::1:0:0:1')
  const occupancy = Occupancy.of([large], [parseAddress('fd00::2'), far])
  t.equal(occupancy.tracks[0]?.used, 2)
  const first = (run: Range) => formatAddress(occupancy.free(run).next().value as Address)
  t.equal(first(large), 'fd00::1')
  t.equal(first({ ...large, start: parseAddress('fd00::2') }), 'fd00::3')
  t.equal(first({ ...large, start: far }), 'fd00::1:0:0:1', 'only trying shows that it is taken')
  occupancy.set(far, false)
  t.equal(occupancy.tracks[0]?.used, 1)
})

t.test('goes on beyond the last bit without a gap or a repetition', async t => {
  const large = range('10.0.0.0', '10.255.255.255')
  const border = plus(large.start, 131_072)
  const occupancy = Occupancy.of([large], [plus(border, -1)])
  const run = { start: plus(border, -3), end: plus(border, 2) }
  t.strictSame(
    Array.from(occupancy.free(run), ({ value }) => Number(value - border.value)),
    [-3, -2, 0, 1, 2],
  )
})

t.test('an address of no range changes nothing', async t => {
  const occupancy = Occupancy.of([small], [parseAddress('10.0.0.2'), parseAddress('fd00::3')])
  t.equal(occupancy.tracks[0]?.used, 0)
})

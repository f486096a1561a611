import t from 'tap'
import { estimate, median, quantile } from './statistics.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

t.test('quantiles lie between the values', async t => {
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 2, 3]), 2.5)
  t.equal(quantile(upTo(21), 0.95), 20)
})

// The ranks of the usual tables of the sign test, two-sided 95 %.
const intervals = [
  [10, 2, 9],
  [20, 6, 15],
  [30, 10, 21],
  [50, 18, 33],
]
for (const [count = 0, low, high] of intervals)
  t.test(`the interval of ${count} values is from the ${low}th to the ${high}th`, async t =>
    t.match(estimate(upTo(count)), { low, high }),
  )

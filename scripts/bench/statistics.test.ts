import t from 'tap'
import { estimate, median, quantile, quartileDifference } from './statistics.ts'

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

t.test('first quartiles are told apart, whatever the slow ones do', async t => {
  const fast = upTo(40).map(value => (value <= 20 ? 30 + value / 10 : 50 + 7 * value))
  const slow = upTo(40).map(value => (value <= 20 ? 31.5 + value / 10 : 50 + value))
  const { median, low, high } = quartileDifference(slow, fast)
  t.equal(Math.round(median * 1000), 1500)
  t.ok(low > 0.5 && low < 1.5, `from ${low}`)
  t.ok(high > 1.5 && high < 2.5, `to ${high}`)
  t.strictSame(quartileDifference(slow, fast), { median, low, high }, 'twice the same')
})

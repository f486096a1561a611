import t from 'tap'
import { backoffMs } from './backoff.ts'

t.test('waits twice as long after each failure, half a minute at most, and up to half of it shorter', async t => {
  const times = (random: number) => [0, 1, 2, 3, 6, 7, 8, 1000].map(failures => backoffMs(failures, () => random))
  t.strictSame(times(0), [250, 500, 1000, 2000, 16_000, 30_000, 30_000, 30_000])
  t.strictSame(times(1), [125, 250, 500, 1000, 8000, 15_000, 15_000, 15_000])
})

// What a handful of measurements says: quantiles, and the interval of a median that assumes nothing about how they are spread.

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place % 1)
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export interface Estimate {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** The median with its 95 % interval: the order statistics between which it lies with that probability (binomial). */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = outermostRank(sorted.length)
  const low = sorted[rank] ?? Number.NaN
  const high = sorted[sorted.length - 1 - rank] ?? Number.NaN
  return { median: median(sorted), low, high }
}

function outermostRank(count: number): number {
  let probability = 0.5 ** count
  let tail = probability
  let rank = 0
  while (tail + (probability * (count - rank)) / (rank + 1) <= 0.025) {
    probability = (probability * (count - rank)) / (rank + 1)
    tail += probability
    rank++
  }
  return rank
}

/** The estimate of what each pair gives: of ratios, or of differences. */
export const pairwise = (of: (a: number, b: number) => number, a: readonly number[], b: readonly number[]): Estimate =>
  estimate(a.map((value, index) => of(value, b[index] ?? Number.NaN)))

/** How far the first quartiles of two are apart, with a 95 % interval by drawing again from each (bootstrap), the same draws each time. */
export function quartileDifference(a: readonly number[], b: readonly number[]): Estimate {
  const random = numbers()
  const drawn = (values: readonly number[]) => values.map(() => values[random() % values.length] ?? Number.NaN)
  const difference = (a: readonly number[], b: readonly number[]) => quantile(a, 0.25) - quantile(b, 0.25)
  const differences = Array.from({ length: 2_000 }, () => difference(drawn(a), drawn(b)))
  return { median: difference(a, b), low: quantile(differences, 0.025), high: quantile(differences, 0.975) }
}

/** xorshift32 */
function numbers(state = 0x2545_f491): () => number {
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

// How long to wait before asking again.

const firstMs = 250
const longestMs = 30_000

/** Twice as long after each failure, by chance up to half of it shorter: all agents of a cluster lose the API server at one moment. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return Math.min(firstMs * 2 ** failures, longestMs) * (1 - random() / 2)
}

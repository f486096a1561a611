// How long to wait before trying again.

const firstMs = 500
const longestMs = 30_000

/** Twice as long after each failure, by chance up to half of it shorter: all agents of a cluster lose the API server at one moment. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  if (failures === 0) return 0
  return Math.min(firstMs * 2 ** (failures - 1), longestMs) * (1 - random() / 2)
}

// Random numbers that a failed run can be given again: PODWIRE_SEED.

export const seed = Number(process.env['PODWIRE_SEED'] ?? Math.trunc(Math.random() * 2 ** 31))

/** From 0 to below 1: mulberry32. */
export function seeded(name: string): () => number {
  let state = seed
  for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

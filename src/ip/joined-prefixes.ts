// Prefixes that come and go one by one, kept as the fewest that cover the same addresses. Those that are there at one time do not overlap.
import { bitsOf, type Family } from './address.ts'
import type { Prefix } from './prefix.ts'

export class JoinedPrefixes {
  readonly #all: Readonly<Record<Family, Set<bigint>>> = { 4: new Set(), 6: new Set() }

  add(prefix: Prefix): void {
    const all = this.#all[prefix.address.family]
    let key = keyOf(prefix)
    while (key > 1n && all.delete(key ^ 1n)) key >>= 1n
    all.add(key)
  }

  /** What was added as this, or as its parts; what was not, is not missed. */
  delete(prefix: Prefix): void {
    const all = this.#all[prefix.address.family]
    const rest: bigint[] = []
    let key = keyOf(prefix)
    while (!all.delete(key)) {
      if (key === 1n) return
      rest.push(key ^ 1n)
      key >>= 1n
    }
    for (const half of rest) all.add(half)
  }

  /** Whether all of its addresses are here. */
  covers(prefix: Prefix): boolean {
    const all = this.#all[prefix.address.family]
    for (let key = keyOf(prefix); key > 0n; key >>= 1n) if (all.has(key)) return true
    return false
  }

  values(): Prefix[] {
    return ([4, 6] as const).flatMap(family => Array.from(this.#all[family], key => prefixOf(family, key)))
  }
}

/** A one, then the bits of the prefix: without the last of them it is the prefix around, with the last turned over the other half of that. */
const keyOf = ({ address: { family, value }, length }: Prefix): bigint =>
  (1n << BigInt(length)) | (value >> BigInt(bitsOf(family) - length))

function prefixOf(family: Family, key: bigint): Prefix {
  const length = key.toString(2).length - 1
  const value = (key ^ (1n << BigInt(length))) << BigInt(bitsOf(family) - length)
  return { address: { family, value }, length }
}

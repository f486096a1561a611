// Prefixes that come and go one by one, kept as the fewest that cover the same addresses. Those that are there at one time do not overlap.
import { bitsOf } from './address.ts'
import { firstOf, type Prefix } from './prefix.ts'

export class JoinedPrefixes {
  readonly #all = new Map<string, Prefix>()

  add(prefix: Prefix): void {
    let joined: Prefix = { address: firstOf(prefix), length: prefix.length }
    while (joined.length > 0 && this.#all.delete(keyOf(otherHalf(joined)))) joined = parent(joined)
    this.#all.set(keyOf(joined), joined)
  }

  /** What was added as this, or as its parts; what was not, is not missed. */
  delete(prefix: Prefix): void {
    const rest: Prefix[] = []
    let from: Prefix = { address: firstOf(prefix), length: prefix.length }
    while (!this.#all.delete(keyOf(from))) {
      if (from.length === 0) return
      rest.push(otherHalf(from))
      from = parent(from)
    }
    for (const half of rest) this.#all.set(keyOf(half), half)
  }

  /** Whether all of its addresses are here. */
  covers(prefix: Prefix): boolean {
    for (let from: Prefix = { address: firstOf(prefix), length: prefix.length }; ; from = parent(from)) {
      if (this.#all.has(keyOf(from))) return true
      if (from.length === 0) return false
    }
  }

  values(): Prefix[] {
    return [...this.#all.values()]
  }
}

const keyOf = ({ address: { family, value }, length }: Prefix): string => `${family} ${length} ${value.toString(16)}`

function parent({ address, length }: Prefix): Prefix {
  const shorter = { address, length: length - 1 }
  return { ...shorter, address: firstOf(shorter) }
}

function otherHalf({ address: { family, value }, length }: Prefix): Prefix {
  return { address: { family, value: value ^ (1n << BigInt(bitsOf(family) - length)) }, length }
}

// Who holds which addresses. What overlaps with something held already is found in as many look-ups as there are prefix lengths.
import { bitsOf, type Family } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'

interface Holding {
  readonly holder: string
  times: number
}

/** Of one family and length: held whole, or covering something longer that is held. By the bits of the prefix. */
interface Level {
  readonly length: number
  /** How many bits come after. */
  readonly rest: bigint
  readonly held: Map<bigint, Holding>
  readonly covering: Map<bigint, Holding>
}

export class Claims {
  readonly #levels: Readonly<Record<Family, Level[]>> = { 4: [], 6: [] }

  /** Whoever holds some of these addresses. */
  holderOf({ address: { family, value }, length }: Prefix): string | undefined {
    for (const level of this.#levels[family]) {
      const found = level.length <= length ? level.held.get(value >> level.rest) : undefined
      if (found !== undefined) return found.holder
    }
    // Known only where something of that length was held or asked for.
    const { covering, rest } = this.#level(family, length)
    return covering.get(value >> rest)?.holder
  }

  /** `holder` as a person would say it: "node b", "the network of eth0". */
  hold(prefix: Prefix, holder: string): void {
    this.#count(prefix, 1, holder)
  }

  /** Takes one `hold` of the same prefix back. */
  release(prefix: Prefix): void {
    this.#count(prefix, -1, '')
  }

  #count({ address: { family, value }, length }: Prefix, by: number, holder: string): void {
    const { held, rest } = this.#level(family, length)
    count(held, value >> rest, by, holder)
    for (const level of this.#levels[family])
      if (level.length < length) count(level.covering, value >> level.rest, by, holder)
  }

  #level(family: Family, length: number): Level {
    const levels = this.#levels[family]
    const known = levels.find(level => level.length === length)
    if (known !== undefined) return known
    const level: Level = { length, rest: BigInt(bitsOf(family) - length), held: new Map(), covering: new Map() }
    for (const longer of levels) {
      if (longer.length <= length) continue
      for (const [value, { holder, times }] of longer.held)
        count(level.covering, value >> (level.rest - longer.rest), times, holder)
    }
    levels.push(level)
    return level
  }
}

function count(holdings: Map<bigint, Holding>, key: bigint, by: number, holder: string): void {
  const found = holdings.get(key)
  if (found === undefined) holdings.set(key, { holder, times: by })
  else if (found.times + by === 0) holdings.delete(key)
  else found.times += by
}

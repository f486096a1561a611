// Who holds which addresses. What overlaps with something held already is found in as many look-ups as there are prefix lengths.
import { type Address, bitsOf, type Family } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'

interface Holding {
  readonly holder: string
  times: number
}

/** Of one family and length: held whole, or covering something longer that is held. By the bits of the prefix. */
interface Level {
  readonly length: number
  readonly held: Map<bigint, Holding>
  readonly covering: Map<bigint, Holding>
}

export class Claims {
  readonly #levels: Readonly<Record<Family, Map<number, Level>>> = { 4: new Map(), 6: new Map() }

  /** Whoever holds some of these addresses. */
  holderOf(prefix: Prefix): string | undefined {
    const levels = this.#levels[prefix.address.family]
    for (const { length, held } of levels.values()) {
      const found = length <= prefix.length ? held.get(bits(prefix, length)) : undefined
      if (found !== undefined) return found.holder
    }
    // Known only where something of that length was held or asked for.
    return this.#level(prefix).covering.get(bits(prefix, prefix.length))?.holder
  }

  /** `holder` as a person would say it: "node b", "the network of eth0". */
  hold(prefix: Prefix, holder: string): void {
    count(this.#level(prefix).held, bits(prefix, prefix.length), 1, holder)
    for (const level of this.#shorter(prefix)) count(level.covering, bits(prefix, level.length), 1, holder)
  }

  /** Takes one `hold` of the same prefix back. */
  release(prefix: Prefix): void {
    count(this.#level(prefix).held, bits(prefix, prefix.length), -1)
    for (const level of this.#shorter(prefix)) count(level.covering, bits(prefix, level.length), -1)
  }

  *#shorter({ address: { family }, length }: Prefix): Generator<Level> {
    for (const level of this.#levels[family].values()) if (level.length < length) yield level
  }

  #level({ address: { family }, length }: Prefix): Level {
    const levels = this.#levels[family]
    const known = levels.get(length)
    if (known !== undefined) return known
    const level: Level = { length, held: new Map(), covering: new Map() }
    for (const longer of levels.values()) {
      if (longer.length <= length) continue
      const shift = BigInt(longer.length - length)
      for (const [value, { holder, times }] of longer.held) count(level.covering, value >> shift, times, holder)
    }
    levels.set(length, level)
    return level
  }
}

function count(holdings: Map<bigint, Holding>, key: bigint, by: number, holder = ''): void {
  const found = holdings.get(key)
  if (found === undefined) holdings.set(key, { holder, times: by })
  else if (found.times + by === 0) holdings.delete(key)
  else found.times += by
}

const bits = ({ address }: { readonly address: Address }, length: number): bigint =>
  address.value >> BigInt(bitsOf(address.family) - length)

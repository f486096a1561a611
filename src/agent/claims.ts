// Who holds which addresses. What overlaps with something held already is found in as many look-ups as there are prefix lengths.
import { type Address, bitsOf, type Family } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'

/** Of one family and length: held whole, or covering something longer that is held. By the bits of the prefix. */
interface Level {
  readonly length: number
  readonly held: Map<bigint, string>
  readonly covering: Map<bigint, string>
}

export class Claims {
  readonly #levels: Readonly<Record<Family, Map<number, Level>>> = { 4: new Map(), 6: new Map() }

  /** Whoever holds some of these addresses. */
  holderOf(prefix: Prefix): string | undefined {
    const levels = this.#levels[prefix.address.family]
    for (const { length, held } of levels.values()) {
      const holder = length <= prefix.length ? held.get(bits(prefix, length)) : undefined
      if (holder !== undefined) return holder
    }
    // Known only where something of that length was held or asked for.
    return this.#level(prefix).covering.get(bits(prefix, prefix.length))
  }

  /** `holder` as a person would say it: "node b", "the network of eth0". */
  hold(prefix: Prefix, holder: string): void {
    const mine = this.#level(prefix)
    mine.held.set(bits(prefix, prefix.length), holder)
    for (const level of this.#levels[prefix.address.family].values())
      if (level.length < prefix.length) level.covering.set(bits(prefix, level.length), holder)
  }

  #level({ address: { family }, length }: Prefix): Level {
    const levels = this.#levels[family]
    const known = levels.get(length)
    if (known !== undefined) return known
    const level: Level = { length, held: new Map(), covering: new Map() }
    for (const longer of levels.values()) {
      if (longer.length <= length) continue
      for (const [value, holder] of longer.held) level.covering.set(value >> BigInt(longer.length - length), holder)
    }
    levels.set(length, level)
    return level
  }
}

const bits = ({ address }: { readonly address: Address }, length: number): bigint =>
  address.value >> BigInt(bitsOf(address.family) - length)

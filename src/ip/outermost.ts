// Prefixes of which none contains another: the fewest that cover the same addresses without joining any.
import { compare } from './address.ts'
import { contains, firstOf, type Prefix } from './prefix.ts'

/** Without host bits, each once, in the order of their addresses. */
export function outermost(prefixes: readonly Prefix[]): Prefix[] {
  const plain = prefixes.map(prefix => ({ address: firstOf(prefix), length: prefix.length }))
  // Sorted, a prefix comes right before what it contains.
  const sorted = plain.toSorted((a, b) => compare(a.address, b.address) || a.length - b.length)
  const kept: Prefix[] = []
  for (const prefix of sorted) {
    const last = kept.at(-1)
    if (last === undefined || !contains(last, prefix.address)) kept.push(prefix)
  }
  return kept
}

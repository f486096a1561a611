// In which order a range set's addresses are tried: host-local's, so that an address that was just given back is the last to be given again.
import { type Address, next } from '../ip/address.ts'
import { contains } from '../ip/range.ts'
import type { RangeSet, SubnetRange } from './range-set.ts'

/** The runs of addresses to try, in order: from the one after `last` on, through the other ranges, round to `last` itself. */
export function roundRobin(set: RangeSet, last: Address | undefined): readonly SubnetRange[] {
  const at = last === undefined ? -1 : set.findIndex(range => contains(range, last))
  const current = set[at]
  if (current === undefined || last === undefined) return set
  const rest = { ...current, start: next(last) }
  const again = { ...current, end: last }
  const isAtEnd = last.value === current.end.value
  return [...(isAtEnd ? [] : [rest]), ...set.slice(at + 1), ...set.slice(0, at), again]
}

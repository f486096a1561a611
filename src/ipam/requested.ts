// Which requested address belongs to which range set, by host-local's rules.
import { type Address, formatAddress, isSame } from '../ip/address.ts'
import { contains } from '../ip/range.ts'
import { Problem } from '../problem.ts'
import { formatRangeSet, type RangeSet, type SubnetRange } from './range-set.ts'

/** Per set the one requested address that lies in it. All of them must find a place. */
export function requestedOf(sets: readonly RangeSet[], requested: readonly Address[]): (Address | undefined)[] {
  const placed = sets.map(set => requested.find(address => rangeOf(set, address) !== undefined))
  placed.forEach((address, i) => {
    const range = address && rangeOf(sets[i] ?? [], address)
    if (address === undefined || range === undefined || !isSame(address, range.gateway)) return
    const why = `requested ip ${formatAddress(address)} is subnet's gateway`
    throw new Problem('CONFIG_INVALID', `failed to allocate for range ${i}: ${why}; request another`)
  })
  const homeless = requested.filter(address => !placed.some(other => other && isSame(other, address)))
  if (homeless.length === 0) return placed
  const names = homeless.map(formatAddress).join(' ')
  const way = `each must lie in a range set of its own: ${sets.map(formatRangeSet).join('; ')}`
  throw new Problem('CONFIG_INVALID', `failed to allocate all requested IPs: ${names}; ${way}`)
}

export const rangeOf = (set: RangeSet, address: Address): SubnetRange | undefined =>
  set.find(range => contains(range, address))

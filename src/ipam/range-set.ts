// host-local's ranges, made whole and checked as the reference checks them: plugins/ipam/host-local/backend/allocator/range.go and range_set.go
import { type Address, formatAddress, next, parseAddress, previous } from '../ip/address.ts'
import { contains, firstOf, formatPrefix, hasHostBits, lastOf, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { formatRange, overlaps, type Range } from '../ip/range.ts'
import { Problem } from '../problem.ts'

export interface RawRange {
  readonly subnet: string
  readonly rangeStart?: string | undefined
  readonly rangeEnd?: string | undefined
  readonly gateway?: string | undefined
}

export interface SubnetRange extends Range {
  readonly subnet: Prefix
  readonly gateway: Address
}

/** A pool that one address is taken from. */
export type RangeSet = readonly SubnetRange[]

export function rangeSets(raw: readonly (readonly RawRange[])[]): RangeSet[] {
  if (raw.length === 0)
    throw invalid('no IP ranges specified; give ipam.ranges, as in [[{ "subnet": "10.244.1.0/24" }]]')
  const sets = raw.map(rangeSet)
  sets.forEach((set, i) => {
    const other = sets.findIndex((later, j) => j > i && later.some(b => set.some(a => overlaps(a, b))))
    if (other >= 0) throw invalid(`range set ${i} overlaps with ${other}`)
  })
  return sets
}

export const formatRangeSet = (set: RangeSet): string => set.map(formatRange).join(',')

function rangeSet(raw: readonly RawRange[], index: number): RangeSet {
  const fail = (why: string): Problem => invalid(`invalid range set ${index}: ${why}`)
  if (raw.length === 0) throw fail('empty range set')
  const set = raw.map(range => {
    try {
      return subnetRange(range)
    } catch (error) {
      throw error instanceof RangeError ? fail(error.message) : error
    }
  })
  if (new Set(set.map(({ start }) => start.family)).size > 1) throw fail('mixed address families')
  set.forEach((range, i) => {
    const other = set.slice(i + 1).find(later => overlaps(range, later))
    if (other !== undefined) throw fail(`subnets ${formatRange(range)} and ${formatRange(other)} overlap`)
  })
  return set
}

function subnetRange(raw: RawRange): SubnetRange {
  const subnet = parsePrefix(raw.subnet)
  const first = firstOf(subnet)
  const last = lastOf(subnet)
  if (last.value - first.value < 3n) throw new RangeError(`Network ${formatPrefix(subnet)} too small to allocate from`)
  if (hasHostBits(subnet)) {
    const where = `For a subnet mask of length ${subnet.length} the network address is ${formatAddress(first)}`
    throw new RangeError(`Network has host bits set. ${where}`)
  }
  const start = optional(raw.rangeStart) ?? next(first)
  // IPv6 has no broadcast address.
  const end = optional(raw.rangeEnd) ?? (last.family === 4 ? previous(last) : last)
  const gateway = optional(raw.gateway) ?? next(first)
  if (!contains(subnet, start)) throw outside('RangeStart', start, subnet)
  if (!contains(subnet, end)) throw outside('RangeEnd', end, subnet)
  if (start.value > end.value)
    throw raw.rangeStart ? outside('RangeStart', start, subnet) : outside('RangeEnd', end, subnet)
  return { subnet, start, end, gateway }
}

const optional = (text: string | undefined): Address | undefined =>
  text === undefined || text === '' ? undefined : parseAddress(text)

const outside = (what: string, address: Address, subnet: Prefix): RangeError =>
  new RangeError(`${what} ${formatAddress(address)} not in network ${formatPrefix(subnet)}`)

const invalid = (message: string): Problem => new Problem('CONFIG_INVALID', message)

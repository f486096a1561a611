// How full a range set is.
import { contains, size } from '../ip/range.ts'
import type { Occupancy } from './occupancy.ts'
import type { Usage } from './pool.ts'
import type { RangeSet } from './range-set.ts'

export function usageOf(occupancy: Occupancy, set: RangeSet): Usage {
  // A range's gateway is never given to anybody.
  const total = set.reduce((sum, range) => sum + size(range) - (contains(range, range.gateway) ? 1n : 0n), 0n)
  const used = set.reduce((sum, range) => sum + (occupancy.trackOf(range.start)?.used ?? 0), 0)
  const free = total - BigInt(used)
  return { set, size: total, used, free: free < 0n ? 0n : free }
}

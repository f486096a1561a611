// How full the node's ranges are, as the plugin's IPAM has them on disk.

import { openPool } from '../ipam/open-pool.ts'
import { formatRangeSet, rangeSets } from '../ipam/range-set.ts'
import { NETWORK } from './conflist.ts'
import type { RangeUse } from './metrics.ts'

// Nobody's pods use up more, and a graph of 2^64 shows nothing else.
const PLENTY = 1_000_000n

export interface RangeUseOptions {
  readonly podCidrs: readonly string[]
  /** /run/podwire */
  readonly runDir: string
  readonly network?: string | undefined
  readonly dataDir?: string | undefined
  /** The addresses that the kernel shows in use; asked only after a reboot. */
  readonly liveAddresses: () => ReadonlySet<string>
}

/** One for each podCIDR. */
export async function rangeUse(options: RangeUseOptions): Promise<RangeUse[]> {
  const { podCidrs, runDir, network = NETWORK, dataDir = `${runDir}/ipam`, liveAddresses } = options
  if (podCidrs.length === 0) return []
  const sets = rangeSets(podCidrs.map(subnet => [{ subnet }]))
  const usages = await openPool({ dataDir, network, sets, runDir, liveAddresses }).usage()
  return usages.map(({ set, used, free }) => ({
    range: podCidrs[sets.indexOf(set)] ?? formatRangeSet(set),
    used,
    ...(free < PLENTY && { free: Number(free) }),
  }))
}

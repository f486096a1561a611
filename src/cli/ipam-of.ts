// Where the addresses of one call come from.
import { parseArguments } from '../cni/arguments.ts'
import type { Config } from '../cni/config.ts'
import { delegate } from '../cni/delegate.ts'
import { delegatedIpam } from '../cni/delegated-ipam.ts'
import type { Ipam } from '../cni/ipam.ts'
import { configuredRanges, ownIpam, requestedAddresses, type Wanted } from '../cni/own-ipam.ts'
import type { Parts } from '../cni/parts.ts'
import type { Request } from '../cni/request.ts'
import { openPool } from '../ipam/open-pool.ts'
import type { RangeSet } from '../ipam/range-set.ts'
import type { Call } from './call.ts'

export const RUN_DIRECTORY = '/run/podwire'
const DEFAULT_DATA_DIRECTORY = `${RUN_DIRECTORY}/ipam`
const OWN_IPAM = 'podwire-ipam'
const NOTHING_WANTED: Wanted = { requested: [], config: {}, exhaustionIsError: true }

/** `liveAddresses` is asked only after a reboot. */
export function ipamOf(call: Call, liveAddresses: () => ReadonlySet<string>): Pick<Parts, 'ipam' | 'ipamAt'> {
  const own = (dataDir: string, sets: readonly RangeSet[] = [], wanted = NOTHING_WANTED): Ipam => {
    const pool = openPool({ dataDir, network: call.basics.name, sets, runDir: RUN_DIRECTORY, liveAddresses })
    return ownIpam(pool, dataDir, wanted)
  }
  return { ipam: configuredIpam(call, own), ipamAt: own }
}

function configuredIpam(
  { face, command, request, basics, config, environment, stdin }: Call,
  own: (dataDir: string, sets?: readonly RangeSet[], wanted?: Wanted) => Ipam,
): Ipam | undefined {
  const { ipam, cniVersion } = basics
  if (ipam === undefined) return undefined
  const { type = '', dataDir } = ipam
  if (face === 'network' && type === '') return undefined
  if (face === 'network' && type !== OWN_IPAM)
    return delegatedIpam(type, delegate(type, environment, stdin), cniVersion, stdin)
  const directory = dataDir || DEFAULT_DATA_DIRECTORY
  const readsRanges = config !== undefined && command !== 'CHECK'
  return readsRanges ? own(directory, configuredRanges(config), wanted(config, request)) : own(directory)
}

const wanted = (config: Config, request: Request): Wanted => ({
  requested: requestedAddresses(config, parseArguments(request.arguments)),
  config: config.ipam ?? {},
  exhaustionIsError: config.statusOnExhaustion !== 'ready',
})

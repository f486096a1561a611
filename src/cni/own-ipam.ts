// Addresses from our own pool, by the keys of the reference host-local plugin.
import { readFileSync } from 'node:fs'
import { type Address, addressFrom, formatAddress, parseAddress } from '../ip/address.ts'
import type { Pool } from '../ipam/pool.ts'
import { type RangeSet, rangeSets } from '../ipam/range-set.ts'
import { parseResolvConf } from '../ipam/resolv-conf.ts'
import { Problem } from '../problem.ts'
import type { Arguments } from './arguments.ts'
import type { Config, IpamConfig, RawRange } from './config.ts'
import { type Ipam, ownerKey } from './ipam.ts'
import type { Dns } from './result.ts'
import { isAtLeast } from './version.ts'

export interface Wanted {
  readonly requested: readonly Address[]
  readonly config: Partial<Pick<IpamConfig, 'routes' | 'resolvConf'>>
  readonly exhaustionIsError: boolean
}

export function ownIpam(pool: Pool, dataDir: string, wanted: Wanted): Ipam {
  return {
    dataDir,
    async allocate(owner, intend, held) {
      const dns = resolvConf(wanted.config.resolvConf)
      const addresses = await pool.allocate(
        owner,
        wanted.requested,
        found => intend(found.map(formatAddress)),
        held?.map(parseAddress),
      )
      return { addresses, routes: wanted.config.routes ?? [], dns }
    },
    async release(owner, addresses) {
      if (addresses === undefined || addresses.length === 0) await pool.releaseAll(owner)
      else await pool.release(owner, addresses.map(parseAddress))
    },
    async check(owner, addresses) {
      const lost = addresses.filter(address => !pool.holds(owner, parseAddress(address)))
      const all = addresses.length === 0 && !pool.holds(owner) ? ['any address'] : lost
      if (all.length === 0) return
      throw new Problem(
        'CHECK_FAILED',
        `${all.join(', ')} is not reserved for ${ownerKey(owner)} in ${dataDir}: another pod may get it; make the pod anew`,
      )
    },
    async collect(valid, mayRelease) {
      await pool.collect(new Set(valid.map(ownerKey)), ({ owner }) => mayRelease(owner))
    },
    async status() {
      const full = (await pool.usage()).find(({ free }) => free <= 0n)
      if (full === undefined || !wanted.exhaustionIsError) return
      throw new Problem('NOT_AVAILABLE', exhausted(full.set, full.used))
    },
  }
}

const exhausted = (set: RangeSet, used: number): string => {
  const ranges = set.map(({ start, end }) => `${formatAddress(start)}-${formatAddress(end)}`).join(', ')
  return `no IP addresses available: ${used} used, 0 free in ${ranges}: delete pods, or give ipam.ranges a larger subnet`
}

/** All range sets that a config asks for, those of this very call first. */
export function configuredRanges({ ipam, runtimeConfig, cniVersion }: Config): RangeSet[] {
  const legacy: RawRange[][] = ipam?.subnet ? [[{ ...ipam, subnet: ipam.subnet }]] : []
  const sets = rangeSets([...(runtimeConfig?.ipRanges ?? []), ...legacy, ...(ipam?.ranges ?? [])])
  const families = sets.map(([first]) => first?.start.family)
  if (!isAtLeast(cniVersion, '0.3.0') && new Set(families).size < families.length) {
    throw new Problem('CONFIG_INVALID', `CNI version ${cniVersion} does not support more than 1 address per family`)
  }
  return sets
}

/** The addresses asked for by name; `args.cni.ips` shuts CNI_ARGS out, as CONVENTIONS.md says. */
export function requestedAddresses({ args, runtimeConfig }: Config, { IP }: Arguments): Address[] {
  const named = args?.cni?.ips ?? (IP ? [IP] : [])
  const all = [
    ...named.map(text => ['args.cni.ips or CNI_ARGS IP', text]),
    ...(runtimeConfig?.ips ?? []).map(text => ['runtimeConfig.ips', text]),
  ]
  return all.map(([where, text = '']) => {
    // "10.0.0.5/24" is accepted, and its length ignored, as host-local does.
    const address = addressFrom(text.replace(/\/\d+$/, ''))
    if (address === undefined) throw new Problem('CONFIG_INVALID', `${where}: "${text}" is no IP address`)
    return address
  })
}

function resolvConf(file: string | undefined): Dns {
  if (!file) return {}
  try {
    return parseResolvConf(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(
      'CONFIG_INVALID',
      `ipam.resolvConf ${file} cannot be read: ${error instanceof Error ? error.message : error}`,
      '',
      error,
    )
  }
}

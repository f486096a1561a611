// Whether a pod's address is replaced by the node's where it leaves the cluster, and to whom it is not.
import { outermost } from '../ip/outermost.ts'
import { firstOf, formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { Config } from './config.ts'

type Configured = Pick<Config, 'ipMasq' | 'masquerade' | 'ipam' | 'runtimeConfig'>

/** Where a pod of these subnets keeps its address, shortest form; undefined: everywhere. */
export function masqueradeExcept(config: Configured, subnets: readonly string[]): readonly string[] | undefined {
  const except = config.masquerade?.except
  const isOn = config.ipMasq ?? except !== undefined
  if (!isOn) return undefined
  return outermost([
    ...(except ?? []).map((text, i) => network(`masquerade.except[${i}]`, text)),
    ...rangesOf(config),
    ...subnets.map(text => network('subnet', text)),
  ]).map(formatPrefix)
}

/** As they are written, for a delegated IPAM's ranges are its own to judge. */
function rangesOf({ ipam, runtimeConfig }: Configured): Prefix[] {
  const asked = [
    ...(runtimeConfig?.ipRanges ?? []).flat().map(({ subnet }) => ['runtimeConfig.ipRanges', subnet] as const),
    ...(ipam?.subnet ? [['ipam', ipam.subnet] as const] : []),
    ...(ipam?.ranges ?? []).flat().map(({ subnet }) => ['ipam.ranges', subnet] as const),
  ]
  return asked.map(([where, subnet]) => network(`${where}: subnet`, subnet))
}

function network(where: string, text: string): Prefix {
  try {
    const prefix = parsePrefix(text)
    return { address: firstOf(prefix), length: prefix.length }
  } catch (error) {
    throw new Problem('CONFIG_INVALID', `${where} "${text}" is no prefix: write one like "10.0.0.0/8"`, '', error)
  }
}

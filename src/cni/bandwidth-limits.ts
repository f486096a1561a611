// What a pod may receive and send: from the network's own config, else from this call's.
import type { Bandwidth, Limit } from '../datapath/shaping.ts'
import { Problem } from '../problem.ts'
import type { BandwidthConfig, Config } from './config.ts'

type Configured = Pick<Config, keyof BandwidthConfig | 'keepDefaultBurst' | 'runtimeConfig'>

// The reference refuses what is 2^32 - 1 bytes and more; what CRI-O fills in, 2^35 - 9 bits, is a bit less.
const BURST_BITS_MAX = 34_359_738_359

/** As the reference plugin has it: where the network's own keys say anything, nothing of the runtime's counts. */
export function bandwidth(config: Configured): Bandwidth | undefined {
  const { ingressRate, ingressBurst, egressRate, egressBurst } = config
  const own = { ingressRate, ingressBurst, egressRate, egressBurst }
  const isOwn = Object.values(own).some(bits => bits)
  const granted: BandwidthConfig = isOwn ? own : (config.runtimeConfig?.bandwidth ?? {})
  const where = isOwn ? '' : 'runtimeConfig.bandwidth.'
  const ingress = limit(`${where}ingress`, granted.ingressRate, granted.ingressBurst)
  const egress = limit(`${where}egress`, granted.egressRate, granted.egressBurst)
  if (ingress === undefined && egress === undefined) return undefined
  // No runtime fills in the network's own keys: somebody wrote that burst.
  return { ingress, egress, keepsDefaultBurst: isOwn || config.keepDefaultBurst === true }
}

function limit(where: string, bitsPerSecond = 0, burstBits = 0): Limit | undefined {
  if (bitsPerSecond === 0 && burstBits === 0) return undefined
  if (burstBits === 0) throw half(`${where}Rate`, bitsPerSecond, `${where}Burst`)
  if (bitsPerSecond === 0) throw half(`${where}Burst`, burstBits, `${where}Rate`)
  if (burstBits <= BURST_BITS_MAX) return { bitsPerSecond, burstBits }
  throw new Problem(
    'CONFIG_INVALID',
    `${where}Burst ${burstBits} is too large: a burst cannot be more than 4 GB, ${BURST_BITS_MAX} bits`,
  )
}

const half = (given: string, bits: number, missing: string): Problem =>
  new Problem('CONFIG_INVALID', `${given} is ${bits}, but ${missing} is missing or 0: give both, in bits, or neither`)

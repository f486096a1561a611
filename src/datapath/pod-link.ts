// What one pod needs in the kernel: the value that connect makes true and check compares.
import type { Address, Family } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { PodRules } from './pod-rules.ts'
import type { Bandwidth } from './shaping.ts'

export interface PodRoute {
  readonly destination: Prefix
  readonly mtu?: number
  readonly advmss?: number
  readonly priority?: number
  readonly table?: number
  readonly scope?: number
}

export interface PodLink {
  readonly hostInterface: string
  readonly interfaceName: string
  readonly addresses: readonly Address[]
  readonly routes: readonly PodRoute[]
  readonly rules: PodRules
  readonly bandwidth: Bandwidth | undefined
}

export interface NewPodLink extends PodLink {
  /** What `ip link` shows beside the host end: whose it is. */
  readonly alias: string
  readonly podMac: string | undefined
  readonly mtu: number | undefined
}

/** What a pair is made with. */
export interface Ends {
  readonly hostMac: string
  readonly podMac: string
  readonly mtu: number
}

export interface MadeLink extends Ends {
  /** Those asked for that no other interface of the pod's has already. */
  readonly routes: readonly PodRoute[]
}

/** The gateways that every pod has: addresses of its host end, which no other pod sees. */
export const gateways: Readonly<Record<Family, Address>> = {
  4: { family: 4, value: 0xa9fe_0101n }, // 169.254.1.1
  6: { family: 6, value: (0xfe80n << 112n) | 1n }, // fe80::1
}

/** The mark of our routes, among /etc/iproute2/rt_protos' numbers that nobody claims. */
export const ROUTE_PROTOCOL = 112

export const hasFamily = (addresses: readonly Address[], family: Family): boolean =>
  addresses.some(address => address.family === family)

export const hasDefaultRoute = (routes: readonly PodRoute[], family: Family): boolean =>
  routes.some(({ destination }) => destination.length === 0 && destination.address.family === family)

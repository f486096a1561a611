// What a pod's host ports are in our table: elements that carry the name of its host end, so that whose they are can be told from the kernel alone.
import { type Address, type Family, formatAddress } from '../ip/address.ts'
import type { Element } from '../nftables/element.ts'
import type { NftSet } from '../nftables/set.ts'
import { sets } from './node-table.ts'
import type { HostPort, PodRules } from './pod-rules.ts'

/** A pod as the node's table knows it. */
export interface PodOnNode {
  readonly hostInterface: string
  readonly addresses: readonly Address[]
  readonly rules: PodRules
}

export interface PortElement {
  readonly set: NftSet
  readonly element: Element
  /** Where it is a port of the node, and not who may reach itself by one. */
  readonly port?: HostPort
  readonly family: Family
}

const UNSPECIFIED: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' }
const FAMILIES = [4, 6] as const

/** The first address of each family takes them; what is asked for of a family that the pod lacks is nothing. */
export function portElements({ hostInterface, addresses, rules: { ports } }: PodOnNode): PortElement[] {
  return FAMILIES.flatMap(family => {
    const [own] = addresses.filter(address => address.family === family).map(formatAddress)
    const taken = ports.filter(port => isOf(family, port))
    if (own === undefined || taken.length === 0) return []
    const comment = hostInterface
    const hairpin = { set: sets[family].hairpin, element: { key: [own, own], comment }, family }
    return [
      ...taken.map(port => {
        const { set, key } = keyOf(family, port)
        return { set, element: { key, value: [own, port.containerPort], comment }, port, family }
      }),
      hairpin,
    ]
  })
}

/** Which set a port is in, and as what. */
function keyOf(family: Family, { protocol, hostPort, hostAddress }: HostPort) {
  const key = [protocol, hostPort]
  return isOfEvery(family, hostAddress)
    ? { set: sets[family].ports, key }
    : { set: sets[family].portsAt, key: [hostAddress, ...key] }
}

const isOf = (family: Family, { hostAddress }: HostPort): boolean =>
  hostAddress === undefined || hostAddress.includes(':') === (family === 6)

const isOfEvery = (family: Family, hostAddress: string | undefined): hostAddress is undefined =>
  hostAddress === undefined || hostAddress === UNSPECIFIED[family]

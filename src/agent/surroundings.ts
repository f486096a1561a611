// What the way to another node depends on besides that node: where we are, and how we were told to go.
import type { ClusterNode } from '../cluster/node.ts'
import { type Address, bitsOf, type Family, formatAddress } from '../ip/address.ts'
import { contains, firstOf, type Prefix } from '../ip/prefix.ts'

export const modes = ['auto', 'direct', 'vxlan'] as const
export type Mode = (typeof modes)[number]

/** A destination that the node knows a way to, other than by us. */
export interface Network {
  readonly prefix: Prefix
  /** Of the interface whose other end is there without a gateway between. */
  readonly connected: number | undefined
}

export interface Surroundings {
  readonly mode: Mode
  /** The longest first. */
  readonly networks: readonly Network[]
  /** What packets of this node's own to pods elsewhere carry, if they go through the tunnel. */
  readonly sources: Readonly<Partial<Record<Family, string>>>
  /** What the tunnel is made of. */
  readonly underlay: Family
}

/** The interface that an address is behind with no gateway between. */
export function linkTo({ networks }: Surroundings, address: Address): number | undefined {
  return networks.find(({ prefix }) => contains(prefix, address))?.connected
}

export const firstOfFamily = <T extends { readonly family: Family }>(
  items: readonly T[],
  family: Family,
): T | undefined => items.find(item => item.family === family)

/** The network address of a node's podCIDR, which no pod gets: its end of the tunnel has it. */
export function tunnelAddress({ podCidrs }: ClusterNode, family: Family): Address | undefined {
  const cidr = podCidrs.find(({ address }) => address.family === family)
  // Of one address there is none to spare.
  return cidr === undefined || cidr.length === bitsOf(family) ? undefined : firstOf(cidr)
}

export function sourcesOf(self: ClusterNode): Surroundings['sources'] {
  const text = (family: Family) => {
    const address = tunnelAddress(self, family)
    return address === undefined ? {} : { [family]: formatAddress(address) }
  }
  return { ...text(4), ...text(6) }
}

/** One for the cluster, as everybody who sees the same nodes finds it: the preferred family of the oldest that has an address. */
export const underlayFamily = (oldestFirst: readonly ClusterNode[]): Family =>
  oldestFirst.find(({ addresses }) => addresses.length > 0)?.addresses[0]?.family ?? 4

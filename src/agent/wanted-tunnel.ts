// What the tunnel of this node should be, from what the node is.
import type { ClusterNode } from '../cluster/node.ts'
import { bitsOf, type Family, formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import type { Observed } from './observed.ts'
import { firstOfFamily, type Surroundings } from './surroundings.ts'
import type { Tunnel } from './tunnel.ts'
import { tunnelMac } from './tunnel-entry.ts'

export interface TunnelNumbers {
  readonly id: number
  readonly port: number
}

/** What VXLAN adds to each packet: outer IP, UDP, VXLAN, inner Ethernet. */
const OVERHEAD: Readonly<Record<Family, number>> = { 4: 50, 6: 70 }

export function wantedTunnel(
  self: ClusterNode,
  { underlay, sources }: Surroundings,
  { links, addresses }: Pick<Observed, 'links' | 'addresses'>,
  numbers: TunnelNumbers,
): Tunnel {
  const address = firstOfFamily(self.addresses, underlay)
  const local = address === undefined ? undefined : formatAddress(address)
  const index = Array.from(addresses, text => text.split(/[ /]/)).find(([, text]) => text === local)?.[0]
  const under = links.get(Number(index))
  if (local === undefined || under === undefined)
    throw new Problem(
      'TUNNEL_UNAVAILABLE',
      local === undefined
        ? `node ${self.name} has no IPv${underlay} address, which the tunnel to nodes of other networks needs`
        : `node ${self.name}'s address ${local}, which the tunnel to nodes of other networks needs, is on no interface here`,
      'Nodes on the same network are reached all the same.',
    )
  return {
    mac: tunnelMac(self.name),
    mtu: tunnelMtu(under.mtu, underlay),
    local,
    ...numbers,
    addresses: Object.entries(sources).map(([family, text]) => `${text}/${bitsOf(family === '4' ? 4 : 6)}`),
  }
}

/** The largest packet that fits through; pods that may be reached so must not send larger ones. */
export const tunnelMtu = (underlayMtu: number, underlay: Family): number => underlayMtu - OVERHEAD[underlay]

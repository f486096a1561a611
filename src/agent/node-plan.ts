// How one other node is reached: per family directly, where its address is on a network of ours, else through the tunnel.
import type { ClusterNode } from '../cluster/node.ts'
import { type Address, type Family, formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import type { NodeRoute } from './node-route.ts'
import { firstOfFamily, linkTo, type Surroundings } from './surroundings.ts'
import { linkLocalAddress, type TunnelEntry, tunnelMac } from './tunnel-entry.ts'

export type Way = 'direct' | 'vxlan'

export interface NodePlan {
  readonly routes: readonly NodeRoute[]
  readonly entries: readonly TunnelEntry[]
  readonly ways: Readonly<Partial<Record<Family, Way>>>
  readonly problems: readonly Problem[]
}

/**
 * Of IPv6, what `ip route add` takes. IPv4 routes have several, as the kernel keeps next hops of one device and metric in one chain, and walks it for each
 * new route (net/ipv4/fib_semantics.c, fib_find_info): with one metric for all, that is more than half of the work for thousands.
 */
function metricOf({ family, value }: Address, length: number): number {
  return family === 6 ? 1024 : 1 + Number((value >> BigInt(32 - length)) % 64n)
}

export function nodePlan(node: ClusterNode, here: Surroundings): NodePlan {
  const routes: NodeRoute[] = []
  const entries: TunnelEntry[] = []
  const ways: Partial<Record<Family, Way>> = {}
  const problems: Problem[] = []
  for (const { address, length } of node.podCidrs) {
    const { family } = address
    const network = formatAddress(address)
    const base = { family, destination: `${network}/${length}`, metric: metricOf(address, length) }
    const direct = directHop(node, family, here)
    // The MAC of its end is computed only where the tunnel is used.
    const end = direct === undefined ? tunnelEnd(node, here) : undefined
    if (direct !== undefined) {
      ways[family] = 'direct'
      routes.push({ ...base, ...direct })
    } else if (end !== undefined) {
      ways[family] = 'vxlan'
      const gateway = family === 4 ? network : linkLocalAddress(end.mac)
      // A link-local next hop is on its link by nature, and the kernel does not say onlink of it.
      routes.push({ ...base, gateway, device: 'tunnel', isOnlink: family === 4, source: here.sources[family] })
      if (entries.length === 0) entries.push(end)
      entries.push({ kind: 'neighbour', family, address: gateway, mac: end.mac })
    } else problems.push(unreachable(node, family, here))
  }
  return { routes, entries, ways, problems }
}

function directHop(
  { addresses }: ClusterNode,
  family: Family,
  here: Surroundings,
): Pick<NodeRoute, 'gateway' | 'device'> | undefined {
  if (here.mode === 'vxlan') return undefined
  for (const address of addresses) {
    const device = address.family === family ? linkTo(here, address) : undefined
    if (device !== undefined) return { gateway: formatAddress(address), device }
  }
  return undefined
}

/** The node that its end of the tunnel is on; undefined where there is none. */
function tunnelEnd({ name, addresses }: ClusterNode, { mode, underlay }: Surroundings) {
  const address = mode === 'direct' ? undefined : firstOfFamily(addresses, underlay)
  if (address === undefined) return undefined
  return { kind: 'forwarding', mac: tunnelMac(name), node: formatAddress(address) } as const
}

function unreachable({ name, addresses }: ClusterNode, family: Family, { mode, underlay }: Surroundings): Problem {
  const known = addresses.map(formatAddress).join(', ') || 'none'
  const message = `there is no way to the IPv${family} pods of node ${name}, whose addresses are: ${known}`
  const wayOut =
    mode === 'direct'
      ? 'Mode "direct" needs its address on a network of this node: use mode "auto".'
      : `The tunnel needs an IPv${underlay} address of it.`
  return new Problem('NODE_UNREACHABLE', message, wayOut)
}

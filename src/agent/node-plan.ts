// How one other node is reached: per family directly, where its address is on a network of ours, else through the tunnel.
import type { ClusterNode } from '../cluster/node.ts'
import { type Family, formatAddress } from '../ip/address.ts'
import { firstOf, type Prefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { NodeRoute } from './node-route.ts'
import { firstOfFamily, linkTo, type Surroundings } from './surroundings.ts'
import { addressText, prefixText } from './text.ts'
import { linkLocalAddress, type TunnelEntry, tunnelMac } from './tunnel-entry.ts'

export type Way = 'direct' | 'vxlan'

export interface NodePlan {
  readonly routes: readonly NodeRoute[]
  readonly entries: readonly TunnelEntry[]
  readonly ways: Readonly<Partial<Record<Family, Way>>>
  readonly problems: readonly Problem[]
}

// What `ip -6 route add` takes, and the kernel where none is given.
const METRICS: Readonly<Record<Family, number>> = { 4: 0, 6: 1024 }

export function nodePlan(node: ClusterNode, here: Surroundings): NodePlan {
  let known: string | undefined
  const mac = (): string => {
    known ??= tunnelMac(node.name)
    return known
  }
  const cidrPlans = node.podCidrs.map(cidr => cidrPlan(node, cidr, here, mac))
  const usesTunnel = cidrPlans.some(({ way }) => way === 'vxlan')
  const problems = [...new Set(cidrPlans.flatMap(({ problem }) => problem ?? []))]
  return {
    routes: cidrPlans.flatMap(({ route }) => route ?? []),
    entries: usesTunnel
      ? [...forwarding(node, here, mac()), ...cidrPlans.flatMap(({ neighbour }) => neighbour ?? [])]
      : [],
    ways: Object.fromEntries(cidrPlans.flatMap(({ way, family }) => (way === undefined ? [] : [[family, way]]))),
    problems,
  }
}

interface CidrPlan {
  readonly family: Family
  readonly way?: Way
  readonly route?: NodeRoute
  readonly neighbour?: TunnelEntry
  readonly problem?: Problem
}

/** The MAC of its end of the tunnel is asked for only where the tunnel is used. */
function cidrPlan(node: ClusterNode, cidr: Prefix, here: Surroundings, macOf: () => string): CidrPlan {
  const { family } = cidr.address
  const base = { family, destination: prefixText(cidr), metric: METRICS[family] }
  const direct = here.mode === 'vxlan' ? undefined : directHop(node, family, here)
  if (direct !== undefined) return { family, way: 'direct', route: { ...base, ...direct } }
  if (here.mode === 'direct' || firstOfFamily(node.addresses, here.underlay) === undefined)
    return { family, problem: unreachable(node, family, here) }
  const mac = macOf()
  const gateway = family === 4 ? formatAddress(firstOf(cidr)) : linkLocalAddress(mac)
  // A link-local next hop is on its link by nature, and the kernel does not say onlink of it.
  const isOnlink = family === 4
  return {
    family,
    way: 'vxlan',
    route: { ...base, gateway, device: 'tunnel', isOnlink, source: here.sources[family] },
    neighbour: { kind: 'neighbour', family, address: gateway, mac },
  }
}

function directHop(
  node: ClusterNode,
  family: Family,
  here: Surroundings,
): Pick<NodeRoute, 'gateway' | 'device'> | undefined {
  for (const address of node.addresses) {
    const device = address.family === family ? linkTo(here, address) : undefined
    if (device !== undefined) return { gateway: addressText(address), device }
  }
  return undefined
}

function forwarding({ addresses }: ClusterNode, { underlay }: Surroundings, mac: string): TunnelEntry[] {
  const address = firstOfFamily(addresses, underlay)
  return address === undefined ? [] : [{ kind: 'forwarding', mac, node: addressText(address) }]
}

function unreachable({ name, addresses }: ClusterNode, family: Family, { mode, underlay }: Surroundings): Problem {
  const known = addresses.map(addressText).join(', ') || 'none'
  const message = `there is no way to the IPv${family} pods of node ${name}, whose addresses are: ${known}`
  const wayOut =
    mode === 'direct'
      ? 'Mode "direct" needs its address on a network of this node: use mode "auto".'
      : `The tunnel needs an IPv${underlay} address of it.`
  return new Problem('NODE_UNREACHABLE', message, wayOut)
}

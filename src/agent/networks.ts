// Where this node is, told by the routes that are not ours.
import { parsePrefix } from '../ip/prefix.ts'
import type { OwnNetwork } from './membership.ts'
import { isConnected, type Observed, type ObservedRoute } from './observed.ts'
import type { Network } from './surroundings.ts'

// Every interface has it.
const LINK_LOCAL = 'fe80::/64'

const outside = (strangers: Observed['strangers']): ObservedRoute[] =>
  [...strangers.values()].filter(({ device, destination }) => device !== 'tunnel' && destination !== LINK_LOCAL)

/** Ways by others' routes, the longest first. */
export function networksOf({ strangers }: Pick<Observed, 'strangers'>): Network[] {
  return outside(strangers)
    .map(({ destination, gateway, device, isUnicast }) => ({
      prefix: parsePrefix(destination),
      connected: isUnicast && gateway === undefined && typeof device === 'number' && device > 0 ? device : undefined,
    }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
}

/** Networks that this node has an address in: no pod can live there. */
export function ownNetworks({ strangers, links }: Pick<Observed, 'strangers' | 'links'>): OwnNetwork[] {
  return outside(strangers).flatMap(route => {
    const link = typeof route.device === 'number' ? links.get(route.device) : undefined
    return link === undefined || !isConnected(route)
      ? []
      : [{ prefix: parsePrefix(route.destination), interfaceName: link.name }]
  })
}

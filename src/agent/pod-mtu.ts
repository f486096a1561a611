// The largest packet that a pod here can send to any pod of the cluster, whichever way it goes.
import type { ClusterNode } from '../cluster/node.ts'
import { type Family, formatAddress } from '../ip/address.ts'
import type { Observed, ObservedLink } from './observed.ts'
import type { Mode } from './surroundings.ts'
import { tunnelMtu } from './wanted-tunnel.ts'

type Seen = Pick<Observed, 'links' | 'addresses' | 'strangers'>

/** Undefined where nothing tells. A node of another network may join any day, while pods keep the MTU that they began with. */
export function podMtu(self: ClusterNode, mode: Mode, underlay: Family, observed: Seen): number | undefined {
  const link = linkOfAddresses(self, observed) ?? linkOfDefaultRoute(observed)
  if (link === undefined) return undefined
  return mode === 'direct' ? link.mtu : tunnelMtu(link.mtu, underlay)
}

function linkOfAddresses({ addresses }: ClusterNode, { links, addresses: onLinks }: Seen): ObservedLink | undefined {
  const wanted = new Set(addresses.map(formatAddress))
  const found = Array.from(onLinks, text => text.split(/[ /]/)).find(([, text = '']) => wanted.has(text))
  return links.get(Number(found?.[0]))
}

function linkOfDefaultRoute({ links, strangers }: Seen): ObservedLink | undefined {
  const route = strangers.values().find(({ destination }) => destination === '0.0.0.0/0' || destination === '::/0')
  return typeof route?.device === 'number' ? links.get(route.device) : undefined
}

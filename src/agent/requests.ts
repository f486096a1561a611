// One change as one request to the kernel.
import type { Family } from '../ip/address.ts'
import type { Request } from '../netlink/batch.ts'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/connection.ts'
import {
  blankNeighbour,
  NTF_SELF,
  NUD_NOARP,
  NUD_PERMANENT,
  neighbour,
  RTM_DELNEIGH,
  RTM_NEWNEIGH,
} from '../rtnetlink/neighbour.ts'
import {
  blankRoute,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNH_F_ONLINK,
  route,
} from '../rtnetlink/route.ts'
import type { Change } from './difference.ts'
import { NODE_ROUTE_PROTOCOL, type NodeRoute } from './node-route.ts'
import type { TunnelEntry } from './tunnel-entry.ts'

const AF_BRIDGE = 7
const families: Readonly<Record<Family, number>> = { 4: 2, 6: 10 }
const routeFlags = { add: NLM_F_CREATE | NLM_F_EXCL, replace: NLM_F_REPLACE, delete: 0 } as const

export function changeRequest(change: Change, tunnel: number): Request {
  const operation = `${change.verb} ${change.text}`
  if ('entry' in change) return { operation, ...entryRequest(change.verb, change.entry, tunnel) }
  const { verb, route: value } = change
  return {
    operation,
    type: verb === 'delete' ? RTM_DELROUTE : RTM_NEWROUTE,
    flags: routeFlags[verb],
    codec: route,
    value: routeMessage(value, verb === 'delete' ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE, tunnel),
  }
}

function routeMessage(
  { family, destination, metric, device, gateway, isOnlink, source }: NodeRoute,
  scope: number,
  tunnel: number,
) {
  const slash = destination.indexOf('/')
  return {
    ...blankRoute,
    family: families[family],
    destinationLength: Number(destination.slice(slash + 1)),
    table: RT_TABLE_MAIN,
    protocol: NODE_ROUTE_PROTOCOL,
    scope,
    type: device === undefined ? RTN_UNREACHABLE : RTN_UNICAST,
    flags: isOnlink ? RTNH_F_ONLINK : 0,
    attributes: {
      destination: destination.slice(0, slash),
      gateway,
      preferredSource: source,
      outputInterface: device === 'tunnel' ? tunnel : device,
      ...(metric > 0 && { priority: metric }),
    },
  }
}

function entryRequest(verb: Change['verb'], entry: TunnelEntry, index: number): Omit<Request, 'operation'> {
  const isNew = verb !== 'delete'
  const common = {
    type: isNew ? RTM_NEWNEIGH : RTM_DELNEIGH,
    flags: isNew ? NLM_F_CREATE | NLM_F_REPLACE : 0,
    codec: neighbour,
  }
  if (entry.kind === 'neighbour') {
    const attributes = { destination: entry.address, ...(isNew && { linkLayerAddress: entry.mac }) }
    const family = families[entry.family]
    return { ...common, value: { ...blankNeighbour, family, index, state: NUD_PERMANENT, attributes } }
  }
  const attributes = { linkLayerAddress: entry.mac, destination: entry.node }
  const state = NUD_PERMANENT | NUD_NOARP
  return { ...common, value: { ...blankNeighbour, family: AF_BRIDGE, index, state, flags: NTF_SELF, attributes } }
}

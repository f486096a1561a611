// Reads all of what the kernel holds of the node's network.
import type { Connection } from '../netlink/connection.ts'
import { address, blankAddress, RTM_GETADDR } from '../rtnetlink/address.ts'
import { blankLink, link, RTEXT_FILTER_SKIP_STATS, RTM_GETLINK } from '../rtnetlink/link.ts'
import { blankNeighbour, neighbour, RTM_GETNEIGH } from '../rtnetlink/neighbour.ts'
import { blankRoute, RT_TABLE_MAIN, RTM_GETROUTE, route } from '../rtnetlink/route.ts'
import { routeText } from './node-route.ts'
import {
  addressTextOf,
  isOurs,
  type Observed,
  type ObservedLink,
  type ObservedRoute,
  observedEntry,
  observedLink,
  observedRoute,
  strangerText,
  TUNNEL_NAME,
} from './observed.ts'
import { entryText, type TunnelEntry } from './tunnel-entry.ts'

const AF_INET = 2
const AF_INET6 = 10
const AF_BRIDGE = 7

/** Of what changes with each request of ours, so that it need not be read again. */
export interface Observation extends Observed {
  readonly routes: Map<string, ObservedRoute>
  readonly entries: Map<string, TunnelEntry>
}

export function observe(connection: Connection): Observation {
  const links = new Map(readLinks(connection).map(found => [found.index, found]))
  const tunnel = [...links.values()].find(({ name }) => name === TUNNEL_NAME)
  const routes = new Map<string, ObservedRoute>()
  const strangers = new Map<string, ObservedRoute>()
  const foreign = new Map<string, ObservedRoute>()
  for (const found of readRoutes(connection, tunnel?.index)) {
    if (isOurs(found)) routes.set(routeText(found), found)
    else {
      strangers.set(strangerText(found), found)
      // The kernel lists the one first that it takes.
      if (!foreign.has(found.destination)) foreign.set(found.destination, found)
    }
  }
  const entries = new Map(tunnel === undefined ? [] : readEntries(connection, tunnel.index))
  return { links, addresses: new Set(readAddresses(connection, links)), routes, strangers, foreign, entries, tunnel }
}

function readLinks(connection: Connection): ObservedLink[] {
  return connection
    .dump('list interfaces', RTM_GETLINK, link, { ...blankLink, attributes: { extendedMask: RTEXT_FILTER_SKIP_STATS } })
    .flatMap(message => observedLink(message) ?? [])
}

function readAddresses(connection: Connection, links: ReadonlyMap<number, ObservedLink>): string[] {
  return connection
    .dump('list addresses', RTM_GETADDR, address, { ...blankAddress, attributes: {} })
    .filter(({ index }) => links.has(index))
    .map(addressTextOf)
}

function readRoutes(connection: Connection, tunnel: number | undefined): ObservedRoute[] {
  return [AF_INET, AF_INET6].flatMap(family =>
    connection
      .dump('list routes', RTM_GETROUTE, route, { ...blankRoute, family, table: RT_TABLE_MAIN, attributes: {} })
      .flatMap(message => observedRoute(message, tunnel) ?? []),
  )
}

function readEntries(connection: Connection, index: number): [string, TunnelEntry][] {
  const all = { ...blankNeighbour, attributes: { interfaceIndex: index } }
  // A dump of forwarding entries has its filter in the fixed part: linux/rtnetlink.h, rtnl_fdb_dump.
  const forwarding = { ...blankNeighbour, family: AF_BRIDGE, index, attributes: {} }
  return [all, forwarding]
    .flatMap(request => connection.dump('list neighbours', RTM_GETNEIGH, neighbour, request))
    .filter(found => found.index === index)
    .flatMap(message => observedEntry(message) ?? [])
    .map(entry => [entryText(entry), entry])
}

// The small requests that both ends of a pod's pair are set up by: each one kernel request, so it happened or it did not.
import { type Address, bitsOf, formatAddress } from '../ip/address.ts'
import { type Connection, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { address, blankAddress, IFA_F_NODAD, RTM_NEWADDR } from '../rtnetlink/address.ts'
import { blankLink, IFF_UP, link, RTM_GETLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { blankNeighbour, NUD_PERMANENT, neighbour, RTM_NEWNEIGH } from '../rtnetlink/neighbour.ts'
import {
  blankRoute,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTNH_F_ONLINK,
  RTPROT_STATIC,
  route,
} from '../rtnetlink/route.ts'
import { gateways, type PodRoute, ROUTE_PROTOCOL } from './pod-link.ts'

const AF_INET = 2
const AF_INET6 = 10
const CREATE = NLM_F_CREATE | NLM_F_EXCL

const familyOf = ({ family }: Address): number => (family === 4 ? AF_INET : AF_INET6)

/** Sets a link up; what people see beside it goes along. */
export function setUp(
  connection: Connection,
  index: number,
  name: string,
  attributes: { readonly alias?: string } = {},
): void {
  connection.request(`set ${name} up`, RTM_NEWLINK, 0, link, {
    ...blankLink,
    index,
    flags: IFF_UP,
    change: IFF_UP,
    attributes,
  })
}

/**
 * The end that was set up first gets its carrier with the other, and drops what it should send until the kernel's worker has heard of it.
 * To ask for a link makes Linux 6.9 and later hear at once (net/core/rtnetlink.c: rtnl_getlink).
 */
export function useCarrier(connection: Connection, index: number, name: string): void {
  const nothing = { ...blankLink, attributes: {} }
  // Asked for its effect: fifty attributes need no reading.
  const unread = { ...link, read: () => nothing }
  connection.get(`look at ${name}`, RTM_GETLINK, unread, { ...nothing, index })
}

export function addAddress(connection: Connection, index: number, item: Address, scope = RT_SCOPE_UNIVERSE): void {
  const text = formatAddress(item)
  const family = familyOf(item)
  const prefixLength = bitsOf(item.family)
  const flags = family === AF_INET ? 0 : IFA_F_NODAD
  const value = {
    ...blankAddress,
    family,
    prefixLength,
    flags,
    scope,
    index,
    attributes: { local: text, address: text },
  }
  connection.request(`add the address ${text}`, RTM_NEWADDR, CREATE, address, value)
}

export function addNeighbour(connection: Connection, index: number, to: Address, mac: string): void {
  const destination = formatAddress(to)
  connection.request(`add the neighbour ${destination}`, RTM_NEWNEIGH, NLM_F_CREATE, neighbour, {
    ...blankNeighbour,
    family: familyOf(to),
    index,
    state: NUD_PERMANENT,
    attributes: { destination, linkLayerAddress: mac },
  })
}

export function addHostRoute(connection: Connection, index: number, name: string, to: Address): void {
  const destination = formatAddress(to)
  connection.request(`add the node's route to ${destination} dev ${name}`, RTM_NEWROUTE, CREATE, route, {
    ...blankRoute,
    family: familyOf(to),
    destinationLength: bitsOf(to.family),
    table: RT_TABLE_MAIN,
    protocol: ROUTE_PROTOCOL,
    scope: to.family === 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
    type: RTN_UNICAST,
    attributes: { destination, outputInterface: index },
  })
}

/** Whether the route is there now by way of this interface: where another of the pod's has it already, that one keeps it. */
export function addPodRoute(connection: Connection, index: number, name: string, item: PodRoute): boolean {
  const { destination, mtu, advmss, priority, table = RT_TABLE_MAIN, scope = RT_SCOPE_UNIVERSE } = item
  const { family } = destination.address
  const text = formatAddress(destination.address)
  const value = {
    ...blankRoute,
    family: familyOf(destination.address),
    destinationLength: destination.length,
    table: table < 256 ? table : 0,
    protocol: RTPROT_STATIC,
    scope,
    type: RTN_UNICAST,
    flags: RTNH_F_ONLINK,
    attributes: {
      ...(destination.length > 0 && { destination: text }),
      gateway: formatAddress(gateways[family]),
      outputInterface: index,
      ...(priority !== undefined && { priority }),
      ...(table >= 256 && { table }),
      ...((mtu || advmss) && { metrics: { ...(mtu && { mtu }), ...(advmss && { advertisedMss: advmss }) } }),
    },
  }
  try {
    connection.request(
      `add the pod's route to ${text}/${destination.length} dev ${name}`,
      RTM_NEWROUTE,
      CREATE,
      route,
      value,
    )
    return true
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    return false
  }
}

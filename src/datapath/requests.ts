// The small requests that both ends of a pod's pair are set up by, as values; each side's go to the kernel together.
import { type Address, bitsOf, formatAddress } from '../ip/address.ts'
import type { Refusal, Request } from '../netlink/batch.ts'
import { type Connection, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { address, blankAddress, IFA_F_NODAD, RTM_NEWADDR } from '../rtnetlink/address.ts'
import {
  blankLink,
  IFF_UP,
  IN6_ADDR_GEN_MODE_NONE,
  link,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
} from '../rtnetlink/link.ts'
import { blankNeighbour, NUD_PERMANENT, neighbour, RTM_NEWNEIGH } from '../rtnetlink/neighbour.ts'
import {
  blankRoute,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_NEWROUTE,
  RTN_LOCAL,
  RTN_UNICAST,
  RTNH_F_ONLINK,
  RTPROT_STATIC,
  route,
} from '../rtnetlink/route.ts'
import { gateways, type PodRoute, ROUTE_PROTOCOL } from './pod-link.ts'

const AF_INET = 2
const AF_INET6 = 10
// Behind the one of lo, which has 0.
const LOOPBACK_PRIORITY = 2000
const CREATE = NLM_F_CREATE | NLM_F_EXCL

const familyOf = ({ family }: Address): number => (family === 4 ? AF_INET : AF_INET6)

/** A link set up, and what else is to be so from then on. */
export const upRequest = (
  index: number,
  name: string,
  attributes: { readonly alias?: string; readonly address?: string; readonly mtu?: number } = {},
): Request => ({
  operation: `set ${name} up`,
  type: RTM_NEWLINK,
  flags: 0,
  codec: link,
  value: { ...blankLink, index, flags: IFF_UP, change: IFF_UP, attributes },
})

/** Without a link-local of the kernel's own, which would wait for DAD, and neighbour solicitation with it. RTM_NEWLINK that creates refuses this. */
export const noLinkLocalRequest = (index: number, name: string): Request => ({
  operation: `keep the kernel's link-local off ${name}`,
  type: RTM_NEWLINK,
  flags: 0,
  codec: link,
  value: {
    ...blankLink,
    index,
    attributes: { addressFamilies: { inet6: { addressGenerationMode: IN6_ADDR_GEN_MODE_NONE } } },
  },
})

export function addressRequest(index: number, item: Address, scope = RT_SCOPE_UNIVERSE): Request {
  const text = formatAddress(item)
  const family = familyOf(item)
  const flags = family === AF_INET ? 0 : IFA_F_NODAD
  const attributes = { local: text, address: text }
  return {
    operation: `add the address ${text}`,
    type: RTM_NEWADDR,
    flags: CREATE,
    codec: address,
    value: { ...blankAddress, family, prefixLength: bitsOf(item.family), flags, scope, index, attributes },
  }
}

export function neighbourRequest(index: number, to: Address, mac: string): Request {
  const destination = formatAddress(to)
  const attributes = { destination, linkLayerAddress: mac }
  return {
    operation: `add the neighbour ${destination}`,
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE,
    codec: neighbour,
    value: { ...blankNeighbour, family: familyOf(to), index, state: NUD_PERMANENT, attributes },
  }
}

export function hostRouteRequest(index: number, name: string, to: Address): Request {
  const destination = formatAddress(to)
  return {
    operation: `add the node's route to ${destination} dev ${name}`,
    type: RTM_NEWROUTE,
    flags: CREATE,
    codec: route,
    value: {
      ...blankRoute,
      family: familyOf(to),
      destinationLength: bitsOf(to.family),
      table: RT_TABLE_MAIN,
      protocol: ROUTE_PROTOCOL,
      scope: to.family === 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
      type: RTN_UNICAST,
      attributes: { destination, outputInterface: index },
    },
  }
}

/**
 * What comes back by this interface for ::1 is for this node: the kernel looks for that address on the interface alone (net/ipv6/route.c: rt6_need_strict).
 * Only what the node itself had sent from there comes so: a packet that says ::1 outside is dropped on arrival.
 */
export const loopbackRouteRequest = (index: number, name: string): Request => ({
  operation: `let ${name} receive for ::1`,
  type: RTM_NEWROUTE,
  // Not exclusive: the kernel takes a second route of one destination and metric, by another link, for the same.
  flags: NLM_F_CREATE,
  codec: route,
  value: {
    ...blankRoute,
    family: AF_INET6,
    destinationLength: 128,
    table: RT_TABLE_LOCAL,
    protocol: ROUTE_PROTOCOL,
    scope: RT_SCOPE_UNIVERSE,
    type: RTN_LOCAL,
    attributes: { destination: '::1', outputInterface: index, priority: LOOPBACK_PRIORITY },
  },
})

export function podRouteRequest(index: number, name: string, item: PodRoute): Request {
  const { destination, mtu, advmss, priority, table = RT_TABLE_MAIN, scope = RT_SCOPE_UNIVERSE } = item
  const { family } = destination.address
  const text = formatAddress(destination.address)
  return {
    operation: `add the pod's route to ${text}/${destination.length} dev ${name}`,
    type: RTM_NEWROUTE,
    flags: CREATE,
    codec: route,
    value: {
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
    },
  }
}

/** Either end takes the whole pair along; success where there is none. */
export function deleteLink(connection: Connection, name: string): void {
  try {
    connection.request(`delete ${name}`, RTM_DELLINK, 0, link, { ...blankLink, attributes: { name } })
  } catch (error) {
    if (!hasCode(error, 'ENODEV')) throw error
  }
}

/** Sends all in one datagram; throws what the kernel refused first, but for refusals that `mayBe` allows. Those are returned. */
export function sendAll(
  connection: Connection,
  requests: readonly Request[],
  mayBe: (refusal: Refusal) => boolean = () => false,
): Refusal[] {
  const last = requests.length - 1
  // One answer at the end: a kernel that is content says nothing otherwise.
  const asked = requests.map((request, at) =>
    at === last ? { ...request, flags: request.flags | NLM_F_ACK } : request,
  )
  const refusals = asked.length > 0 ? connection.batch(asked) : []
  const real = refusals.find(refusal => !mayBe(refusal))
  if (real !== undefined) throw real.error
  return refusals
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

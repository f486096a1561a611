// What the kernel holds of the node's network; pods' links and routes, which come and go without us, are left out.
import { ROUTE_PROTOCOL as POD_ROUTE_PROTOCOL } from '../datapath/pod-link.ts'
import type { Family } from '../ip/address.ts'
import type { ValueOf } from '../netlink/codec.ts'
import type { address } from '../rtnetlink/address.ts'
import { IFF_UP, type link } from '../rtnetlink/link.ts'
import { NUD_PERMANENT, type neighbour } from '../rtnetlink/neighbour.ts'
import {
  RT_TABLE_MAIN,
  RTM_F_CLONED,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNH_F_ONLINK,
  RTPROT_KERNEL,
  type route,
} from '../rtnetlink/route.ts'
import { NODE_ROUTE_PROTOCOL, type NodeRoute, routeText } from './node-route.ts'
import type { TunnelEntry } from './tunnel-entry.ts'

export interface ObservedLink {
  readonly index: number
  readonly name: string
  readonly isUp: boolean
  readonly mtu: number
  readonly mac: string
  readonly vxlan:
    | { readonly id: number; readonly port: number; readonly local: string; readonly isLearning: boolean }
    | undefined
}

export interface ObservedRoute extends NodeRoute {
  readonly protocol: number
  readonly isUnicast: boolean
}

export interface Observed {
  readonly links: ReadonlyMap<number, ObservedLink>
  /** "3 192.0.2.1/24", the index of the link before it. */
  readonly addresses: ReadonlySet<string>
  /** Ours, by their texts. */
  readonly routes: ReadonlyMap<string, ObservedRoute>
  /** Everybody else's, by their texts. */
  readonly strangers: ReadonlyMap<string, ObservedRoute>
  /** Of everybody else's the first for each destination. */
  readonly foreign: ReadonlyMap<string, ObservedRoute>
  /** What the tunnel knows. */
  readonly entries: ReadonlyMap<string, TunnelEntry>
  readonly tunnel: ObservedLink | undefined
}

export const TUNNEL_NAME = 'podwire-vxlan'

const AF_INET = 2
const AF_BRIDGE = 7
const ANYWHERE: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' }

/** Undefined for a pod's. */
export function observedLink({ index, flags, attributes }: ValueOf<typeof link>): ObservedLink | undefined {
  const { name = '', mtu = 0, address: mac = '', info } = attributes
  if (info?.kind === 'veth' && name.startsWith('pw')) return undefined
  const isVxlan = info?.kind === 'vxlan' && info.data !== undefined && 'id' in info.data
  const { id = 0, port = 0, local, localIpv6, learning = 0 } = isVxlan ? vxlanOf(info.data) : {}
  const vxlan = isVxlan ? { id, port, local: local ?? localIpv6 ?? '', isLearning: learning !== 0 } : undefined
  return { index, name, isUp: (flags & IFF_UP) !== 0, mtu, mac, vxlan }
}

export const linkText = (link: ObservedLink): string => JSON.stringify(link)

/** Undefined for a pod's, and for what is in another table. */
export function observedRoute(message: ValueOf<typeof route>, tunnel: number | undefined): ObservedRoute | undefined {
  const { destinationLength, table, protocol, type, flags, attributes } = message
  if ((attributes.table ?? table) !== RT_TABLE_MAIN || protocol === POD_ROUTE_PROTOCOL) return undefined
  if ((flags & RTM_F_CLONED) !== 0) return undefined
  const family = message.family === AF_INET ? 4 : 6
  const { outputInterface = 0, destination = ANYWHERE[family], gateway, priority = 0, preferredSource } = attributes
  return {
    family,
    destination: `${destination}/${destinationLength}`,
    metric: priority,
    device: type === RTN_UNREACHABLE ? undefined : outputInterface === tunnel ? 'tunnel' : outputInterface,
    gateway,
    isOnlink: (flags & RTNH_F_ONLINK) !== 0,
    source: preferredSource,
    protocol,
    isUnicast: type === RTN_UNICAST,
  }
}

export const isOurs = ({ protocol }: ObservedRoute): boolean => protocol === NODE_ROUTE_PROTOCOL

/** An address of this interface says that the whole network is on its link. */
export const isConnected = ({ protocol, gateway, isUnicast, device }: ObservedRoute): boolean =>
  protocol === RTPROT_KERNEL && gateway === undefined && isUnicast && typeof device === 'number' && device > 0

export const strangerText = (route: ObservedRoute): string =>
  `${routeText(route)} protocol ${route.protocol}${route.isUnicast ? '' : ' not unicast'}`

/** Undefined for what is not for ever. */
export function observedEntry({ family, state, attributes }: ValueOf<typeof neighbour>): TunnelEntry | undefined {
  const { destination: address, linkLayerAddress: mac } = attributes
  if ((state & NUD_PERMANENT) === 0 || address === undefined || mac === undefined) return undefined
  if (family === AF_BRIDGE) return { kind: 'forwarding', mac, node: address }
  return { kind: 'neighbour', family: family === AF_INET ? 4 : 6, address, mac }
}

interface VxlanData {
  readonly id?: number | undefined
  readonly port?: number | undefined
  readonly local?: string | undefined
  readonly localIpv6?: string | undefined
  readonly learning?: number | undefined
}

const vxlanOf = (data: unknown): VxlanData => data as VxlanData

export const addressTextOf = ({ index, prefixLength, attributes }: ValueOf<typeof address>): string =>
  `${index} ${attributes.local ?? attributes.address}/${prefixLength}`

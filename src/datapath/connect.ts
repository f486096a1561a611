// A pod's pair, from one RTM_NEWLINK to traffic in both directions. A failure leaves at most the pair, which `disconnect` takes away whole.
import { type Address, bitsOf, formatAddress } from '../ip/address.ts'
import { type Connection, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/connection.ts'
import type { Namespace } from '../netns/namespace.ts'
import { hasCode, Problem } from '../problem.ts'
import { address, blankAddress, IFA_F_NODAD, RTM_NEWADDR } from '../rtnetlink/address.ts'
import { blankLink, IFF_UP, IN6_ADDR_GEN_MODE_NONE, link, RTM_NEWLINK } from '../rtnetlink/link.ts'
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
import { needsHostNeighbour } from './differences.ts'
import { turnOnForwarding } from './forwarding.ts'
import { macAddress } from './interface-name.ts'
import { clampedMtu, defaultMtu } from './mtu.ts'
import { gateways, hasFamily, type PodLink, type PodRoute, ROUTE_PROTOCOL } from './pod-link.ts'

export interface NewPodLink extends PodLink {
  /** What `ip link` shows beside the host end: whose it is. */
  readonly alias: string
  readonly podMac: string | undefined
  readonly mtu: number | undefined
}

export interface MadeLink {
  readonly hostMac: string
  readonly podMac: string
  readonly mtu: number
}

/** A namespace, and a socket that is open in it. */
export interface Side {
  readonly namespace: Namespace
  readonly connection: Connection
}

const AF_INET = 2
const AF_INET6 = 10
const CREATE = NLM_F_CREATE | NLM_F_EXCL
const IPV6_LEAST_MTU = 1280
const LOOPBACK = 1

const familyOf = ({ family }: Address): number => (family === 4 ? AF_INET : AF_INET6)

export function connect(host: Side, pod: Side, want: NewPodLink): MadeLink {
  const mtu = mtuFor(host.connection, want)
  for (const family of [4, 6] as const) if (hasFamily(want.addresses, family)) turnOnForwarding(host.namespace, family)
  const hostMac = macAddress(`${want.hostInterface} host`)
  const podMac = want.podMac ?? macAddress(`${want.hostInterface} pod`)
  const made = { hostMac, podMac, mtu }
  const hostIndex = createPair(host, pod, want, made)
  setUpHostEnd(host, hostIndex, want)
  setUpPodEnd(pod, want, made)
  for (const item of want.addresses) {
    if (needsHostNeighbour(want, item.family)) addNeighbour(host.connection, hostIndex, item, podMac)
  }
  return made
}

function mtuFor(host: Connection, { mtu, addresses }: NewPodLink): number {
  const chosen = mtu ? clampedMtu(mtu) : defaultMtu(host)
  if (hasFamily(addresses, 6) && chosen < IPV6_LEAST_MTU) {
    throw new Problem(
      'CONFIG_INVALID',
      `mtu ${chosen} is too small: IPv6 needs at least ${IPV6_LEAST_MTU}; raise "mtu", or take the IPv6 range out`,
    )
  }
  return chosen
}

function createPair(host: Side, pod: Side, want: NewPodLink, { hostMac, podMac, mtu }: MadeLink): number {
  const { hostInterface: name, interfaceName } = want
  const peer = { ...blankLink, attributes: { name: interfaceName, mtu, address: podMac, netNsFd: pod.namespace.fd } }
  host.connection.request(`create the pair ${name} and ${interfaceName}`, RTM_NEWLINK, CREATE, link, {
    ...blankLink,
    attributes: { name, mtu, address: hostMac, info: { kind: 'veth', data: { peer } } },
  })
  return indexOf(host.connection, name)
}

function setUpHostEnd({ namespace, connection }: Side, index: number, want: NewPodLink): void {
  const { hostInterface: name, addresses, alias } = want
  ignoreAdvertisements(namespace, name)
  if (hasFamily(addresses, 6)) {
    // The kernel's own link-local would wait for DAD, and neighbour solicitation with it. In a message of its own: RTM_NEWLINK that creates refuses it.
    const addressFamilies = { inet6: { addressGenerationMode: IN6_ADDR_GEN_MODE_NONE } }
    connection.request(`keep the kernel's link-local off ${name}`, RTM_NEWLINK, 0, link, {
      ...blankLink,
      index,
      attributes: { addressFamilies },
    })
    addAddress(connection, index, AF_INET6, gateways[6])
  }
  connection.request(`set ${name} up`, RTM_NEWLINK, 0, link, {
    ...blankLink,
    index,
    flags: IFF_UP,
    change: IFF_UP,
    attributes: { alias },
  })
  for (const item of addresses) addHostRoute(connection, index, name, item)
}

function setUpPodEnd({ namespace, connection }: Side, want: NewPodLink, { hostMac }: MadeLink): void {
  const { interfaceName: name, addresses, routes } = want
  const index = indexOf(connection, name)
  if (hasFamily(addresses, 6)) allowIpv6(namespace, name)
  for (const item of addresses) addAddress(connection, index, familyOf(item), formatAddress(item))
  setUp(connection, LOOPBACK, 'lo')
  setUp(connection, index, name)
  for (const family of [4, 6] as const) {
    if (hasFamily(addresses, family)) addNeighbour(connection, index, gateways[family], hostMac)
  }
  for (const item of routes) addPodRoute(connection, index, name, item)
}

/** What a pod advertises must not become a route of the node's. */
function ignoreAdvertisements(host: Namespace, name: string): void {
  try {
    host.writeSysctl(`net/ipv6/conf/${name}/accept_ra`, '0')
  } catch (error) {
    // The node has no IPv6.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** Some runtimes make namespaces with IPv6 off for every interface. */
function allowIpv6(namespace: Namespace, name: string): void {
  const path = `net/ipv6/conf/${name}/disable_ipv6`
  if (namespace.readSysctl(path) === '1') namespace.writeSysctl(path, '0')
}

function indexOf(connection: Connection, name: string): number {
  const index = connection.indexOf(name)
  if (index === undefined)
    throw new Problem('KERNEL_REFUSED', `${name} vanished while it was set up: somebody else deletes interfaces here`)
  return index
}

function setUp(connection: Connection, index: number, name: string): void {
  connection.request(`set ${name} up`, RTM_NEWLINK, 0, link, {
    ...blankLink,
    index,
    flags: IFF_UP,
    change: IFF_UP,
    attributes: {},
  })
}

function addAddress(connection: Connection, index: number, family: number, text: string): void {
  const prefixLength = family === AF_INET ? 32 : 128
  const flags = family === AF_INET ? 0 : IFA_F_NODAD
  const value = { ...blankAddress, family, prefixLength, flags, index, attributes: { local: text, address: text } }
  connection.request(`add the address ${text}`, RTM_NEWADDR, CREATE, address, value)
}

function addNeighbour(connection: Connection, index: number, to: Address | string, mac: string): void {
  const destination = typeof to === 'string' ? to : formatAddress(to)
  const family = destination.includes(':') ? AF_INET6 : AF_INET
  const value = {
    ...blankNeighbour,
    family,
    index,
    state: NUD_PERMANENT,
    attributes: { destination, linkLayerAddress: mac },
  }
  connection.request(`add the neighbour ${destination}`, RTM_NEWNEIGH, NLM_F_CREATE, neighbour, value)
}

function addHostRoute(connection: Connection, index: number, name: string, to: Address): void {
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

function addPodRoute(connection: Connection, index: number, name: string, item: PodRoute): void {
  const { destination, mtu, advmss, priority, table = RT_TABLE_MAIN, scope = RT_SCOPE_UNIVERSE } = item
  const { family } = destination.address
  const text = formatAddress(destination.address)
  connection.request(`add the pod's route to ${text}/${destination.length} dev ${name}`, RTM_NEWROUTE, CREATE, route, {
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
      gateway: gateways[family],
      outputInterface: index,
      ...(priority !== undefined && { priority }),
      ...(table >= 256 && { table }),
      ...((mtu || advmss) && { metrics: { ...(mtu && { mtu }), ...(advmss && { advertisedMss: advmss }) } }),
    },
  })
}

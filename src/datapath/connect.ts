// A pod's pair, from one RTM_NEWLINK to traffic in both directions. A failure leaves at most the pair, which `disconnect` takes away whole.
import type { Refusal } from '../netlink/batch.ts'
import type { Connection } from '../netlink/connection.ts'
import type { Namespace } from '../netns/namespace.ts'
import { hasCode, Problem } from '../problem.ts'
import { RT_SCOPE_HOST } from '../rtnetlink/route.ts'
import { shape } from './bandwidth.ts'
import { needsHostNeighbour } from './differences.ts'
import { localRouting, turnOnForwarding } from './forwarding.ts'
import { macAddress } from './interface-name.ts'
import { clampedMtu, defaultMtu } from './mtu.ts'
import { createPair, type Side } from './pair.ts'
import { type Ends, gateways, hasFamily, type MadeLink, type NewPodLink, type PodRoute } from './pod-link.ts'
import {
  addressRequest,
  hostRouteRequest,
  loopbackRouteRequest,
  neighbourRequest,
  noLinkLocalRequest,
  podRouteRequest,
  sendAll,
  upRequest,
  useCarrier,
} from './requests.ts'
import { buckets } from './shaping.ts'

const IPV6_LEAST_MTU = 1280
const ALIAS_LENGTH = 255
const LOOPBACK = 1

export function connect(host: Side, pod: Side, want: NewPodLink): MadeLink {
  const mtu = mtuFor(host.connection, want)
  for (const family of [4, 6] as const) if (hasFamily(want.addresses, family)) turnOnForwarding(host.namespace, family)
  const hostMac = macAddress(`${want.hostInterface} host`)
  const podMac = want.podMac ?? macAddress(`${want.hostInterface} pod`)
  const ends = { hostMac, podMac, mtu }
  const { hostIndex, podIndex } = createPair(host, pod, want, ends)
  // Before it is up: each change of what queues there would wait for packets under way.
  if (want.bandwidth) shape(host.connection, want.hostInterface, buckets(want.bandwidth, mtu), mtu)
  setUpHostEnd(host, hostIndex, want)
  const routes = setUpPodEnd(pod, podIndex, want, ends)
  useCarrier(host.connection, hostIndex, want.hostInterface)
  const strangers = want.addresses.filter(({ family }) => needsHostNeighbour({ routes }, family))
  sendAll(
    host.connection,
    strangers.map(item => neighbourRequest(hostIndex, item, podMac)),
  )
  return { ...ends, routes }
}

function mtuFor(host: Connection, { mtu, addresses }: NewPodLink): number {
  const chosen = mtu ? clampedMtu(mtu) : defaultMtu(host)
  if (hasFamily(addresses, 6) && chosen < IPV6_LEAST_MTU) {
    throw new Problem(
      'CONFIG_INVALID',
      `mtu ${mtu || chosen} is too small: IPv6 needs at least ${IPV6_LEAST_MTU}; raise "mtu", or take the IPv6 range out`,
    )
  }
  return chosen
}

function setUpHostEnd({ namespace, connection }: Side, index: number, want: NewPodLink): void {
  const { hostInterface: name, addresses, alias } = want
  ignoreAdvertisements(namespace, name)
  if (want.rules.ports.length > 0 && hasFamily(addresses, 4)) namespace.writeSysctl(localRouting(name), '1')
  sendAll(connection, [
    ...(hasFamily(addresses, 6) ? [noLinkLocalRequest(index, name), addressRequest(index, gateways[6])] : []),
    // Who changes the pod's MAC (tuning) flushes its neighbour entries: this answers the ARP that follows. Scope host: never a source address.
    ...(hasFamily(addresses, 4) ? [addressRequest(index, gateways[4], RT_SCOPE_HOST)] : []),
    upRequest(index, name, { alias: shortened(alias) }),
    ...addresses.map(item => hostRouteRequest(index, name, item)),
    ...(want.rules.ports.length > 0 && hasFamily(addresses, 6) ? [loopbackRouteRequest(index, name)] : []),
  ])
}

/** What the kernel has room for (linux/if.h: IFALIASZ): namespace and name of a pod may be longer. */
function shortened(alias: string): string {
  const { read } = new TextEncoder().encodeInto(alias, new Uint8Array(ALIAS_LENGTH))
  return alias.slice(0, read)
}

/** The routes that it has now: where another interface of the pod's has one already, that one keeps it. */
function setUpPodEnd({ namespace, connection }: Side, index: number, want: NewPodLink, { hostMac }: Ends): PodRoute[] {
  const { interfaceName: name, addresses, routes } = want
  if (hasFamily(addresses, 6)) allowIpv6(namespace, name)
  const families = ([4, 6] as const).filter(family => hasFamily(addresses, family))
  const before = [
    ...addresses.map(item => addressRequest(index, item)),
    upRequest(LOOPBACK, 'lo'),
    upRequest(index, name),
    ...families.map(family => neighbourRequest(index, gateways[family], hostMac)),
  ]
  const all = [...before, ...routes.map(item => podRouteRequest(index, name, item))]
  const isThere = (refusal: Refusal) => refusal.index >= before.length && refusal.error.code === 'EEXIST'
  const kept = new Set(sendAll(connection, all, isThere).map(refusal => refusal.index - before.length))
  return routes.filter((_, at) => !kept.has(at))
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

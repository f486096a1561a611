// What should be and is not: each piece of ours that is missing, down, renamed or points elsewhere. More than ours is no difference.
import { type Address, type Family, formatAddress } from '../ip/address.ts'
import { formatPrefix, hostPrefix } from '../ip/prefix.ts'
import { macAddress } from './interface-name.ts'
import { linkGroup } from './node-table.ts'
import type { ObservedEnd, ObservedLink } from './observed.ts'
import { gateways, hasDefaultRoute, hasFamily, type PodLink } from './pod-link.ts'
import type { PodRules } from './pod-rules.ts'

export interface Observed {
  readonly host: ObservedEnd
  readonly pod: ObservedEnd
  readonly isForwarding: Readonly<Record<Family, boolean>>
}

/** Sentences, each with the name of what is wrong. */
export function differences(want: PodLink, { host, pod, isForwarding }: Observed): string[] {
  const { hostInterface, interfaceName, addresses } = want
  if (pod.link === undefined) return [`the pod has no interface ${interfaceName}: it was deleted or renamed`]
  if (host.link === undefined) return [`the node has no interface ${hostInterface}: it was deleted or renamed`]
  const families = ([4, 6] as const).filter(family => hasFamily(addresses, family))
  return [
    ...wrongLinks(want, host.link, pod.link),
    ...addresses.flatMap(address => wrongAddress(want, address, host, pod)),
    ...missingPodRoutes(want, pod),
    ...families.flatMap(family => wrongGateway(want, family, host, pod)),
    ...families
      .filter(family => !isForwarding[family])
      .map(family => `the node does not forward IPv${family}: ${cure[family]}`),
  ]
}

const cure: Readonly<Record<Family, string>> = {
  4: 'sysctl -w net.ipv4.ip_forward=1',
  6: 'sysctl -w net.ipv6.conf.all.forwarding=1',
}

function wrongLinks({ hostInterface, interfaceName, rules }: PodLink, host: ObservedLink, pod: ObservedLink): string[] {
  const isPair = host.peerIndex === pod.index && pod.peerIndex === host.index
  return [
    ...unless(isPair, `${hostInterface} and the pod's ${interfaceName} are not two ends of one pair`),
    ...unless(
      host.group === linkGroup(rules),
      `${hostInterface} is in the group ${host.group}, and so not ${guarded(rules)}: ip link set ${hostInterface} group ${linkGroup(rules)}`,
    ),
    ...unless(host.isUp, `${hostInterface} is down: ip link set ${hostInterface} up`),
    ...unless(pod.isUp, `the pod's ${interfaceName} is down`),
  ]
}

const guarded = ({ isAntiSpoofed, masqueradeExcept }: PodRules): string =>
  [isAntiSpoofed ? 'held to its own addresses' : '', masqueradeExcept ? 'masqueraded' : '']
    .filter(Boolean)
    .join(' and ') || 'left alone'

function wrongAddress(want: PodLink, address: Address, host: ObservedEnd, pod: ObservedEnd): string[] {
  const { hostInterface, interfaceName } = want
  const text = formatAddress(address)
  const prefix = formatPrefix(hostPrefix(address))
  const hasRoute = host.routes.some(({ destination }) => destination === prefix)
  const hasNeighbour = !needsHostNeighbour(want, address.family) || host.neighbours[text] !== undefined
  return [
    ...unless(pod.addresses.includes(prefix), `the pod's ${interfaceName} lacks its address ${prefix}`),
    ...unless(hasRoute, `the node lacks the route ${prefix} dev ${hostInterface}`),
    ...unless(hasNeighbour, `the node lacks the neighbour entry for ${text} on ${hostInterface}`),
  ]
}

function missingPodRoutes({ routes, interfaceName }: PodLink, pod: ObservedEnd): string[] {
  const wanted = routes.map(({ destination }) => ({
    destination: formatPrefix(destination),
    gateway: formatAddress(gateways[destination.address.family]),
  }))
  return wanted
    .filter(want => !pod.routes.some(has => has.destination === want.destination && has.gateway === want.gateway))
    .map(({ destination, gateway }) => `the pod lacks the route ${destination} via ${gateway} dev ${interfaceName}`)
}

function wrongGateway(want: PodLink, family: Family, host: ObservedEnd, pod: ObservedEnd): string[] {
  const gateway = formatAddress(gateways[family])
  const prefix = formatPrefix(hostPrefix(gateways[family]))
  const entry = pod.neighbours[gateway]
  // The kernel flushes the entries of an interface whose MAC changes, as tuning may; the host end answers from then on.
  const mayBeGone = pod.link?.mac !== macAddress(`${want.hostInterface} pod`)
  const isRight = entry === host.link?.mac || (entry === undefined && mayBeGone)
  return [
    ...unless(isRight, `the pod's neighbour entry for ${gateway} is ${entry ?? 'missing'}, not ${host.link?.mac}`),
    ...unless(host.addresses.includes(prefix), `${want.hostInterface} lacks its address ${prefix}`),
  ]
}

/** Under strict rp_filter a pod does not answer ARP from an address that it has no route to. */
export const needsHostNeighbour = ({ routes }: Pick<PodLink, 'routes'>, family: Family): boolean =>
  family === 4 && !hasDefaultRoute(routes, 4)

const unless = (isRight: boolean, complaint: string): string[] => (isRight ? [] : [complaint])

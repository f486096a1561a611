// What should be and is not: each piece of ours that is missing, down, renamed or points elsewhere. More than ours is no difference.
import { formatAddress } from '../ip/address.ts'
import { formatPrefix, hostPrefix } from '../ip/prefix.ts'
import type { ObservedEnd } from './observed.ts'
import { gateways, hasDefaultRoute, hasFamily, type PodLink } from './pod-link.ts'

export interface Observed {
  readonly host: ObservedEnd
  readonly pod: ObservedEnd
  readonly isForwarding: { readonly 4: boolean; readonly 6: boolean }
}

export function differences(want: PodLink, { host, pod, isForwarding }: Observed): string[] {
  const { hostInterface, interfaceName, addresses } = want
  if (pod.link === undefined) return [`the pod has no interface ${interfaceName}: it was deleted or renamed`]
  if (host.link === undefined) return [`the node has no interface ${hostInterface}: it was deleted or renamed`]
  const own = addresses.map(address => formatPrefix(hostPrefix(address)))
  const neighbours = pod.neighbours
  const { mac } = host.link
  const families = ([4, 6] as const).filter(family => hasFamily(addresses, family))
  return [
    ...when(
      host.link.peerIndex !== pod.link.index || pod.link.peerIndex !== host.link.index,
      `${hostInterface} and the pod's ${interfaceName} are not two ends of one pair`,
    ),
    ...when(!host.link.isUp, `${hostInterface} is down: ip link set ${hostInterface} up`),
    ...when(!pod.link.isUp, `the pod's ${interfaceName} is down`),
    ...own
      .filter(address => !pod.addresses.includes(address))
      .map(address => `the pod's ${interfaceName} lacks its address ${address}`),
    ...own
      .filter(address => !host.routes.some(({ destination }) => destination === address))
      .map(address => `the node lacks the route ${address} dev ${hostInterface}`),
    ...missingPodRoutes(want, pod).map(route => `the pod lacks the route ${route} dev ${interfaceName}`),
    ...families
      .filter(family => neighbours[gateways[family]] !== mac)
      .map(
        family =>
          `the pod's neighbour entry for ${gateways[family]} is ${neighbours[gateways[family]] ?? 'missing'}, not ${mac}`,
      ),
    ...when(
      hasFamily(addresses, 6) && !host.addresses.includes(`${gateways[6]}/128`),
      `${hostInterface} lacks its address ${gateways[6]}/128`,
    ),
    ...addresses
      .filter(
        address => needsHostNeighbour(want, address.family) && host.neighbours[formatAddress(address)] === undefined,
      )
      .map(address => `the node lacks the neighbour entry for ${formatAddress(address)} on ${hostInterface}`),
    ...families
      .filter(family => !isForwarding[family])
      .map(
        family =>
          `the node does not forward IPv${family}: sysctl -w ${family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'}=1`,
      ),
  ]
}

function missingPodRoutes({ routes }: PodLink, pod: ObservedEnd): string[] {
  return routes
    .filter(
      ({ destination }) =>
        !pod.routes.some(
          route =>
            route.destination === formatPrefix(destination) && route.gateway === gateways[destination.address.family],
        ),
    )
    .map(({ destination }) => `${formatPrefix(destination)} via ${gateways[destination.address.family]}`)
}

/** Under strict rp_filter a pod does not answer ARP from an address that it has no route to. */
export const needsHostNeighbour = ({ routes }: Pick<PodLink, 'routes'>, family: 4 | 6): boolean =>
  family === 4 && !hasDefaultRoute(routes, 4)

const when = (isWrong: boolean, complaint: string): string[] => (isWrong ? [complaint] : [])

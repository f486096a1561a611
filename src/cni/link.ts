// What a lease means in the pod: its addresses, its routes, and what the result says of them.

import { gateways, hasFamily, type MadeLink, type PodRoute } from '../datapath/pod-link.ts'
import { type Address, formatAddress, isSame, parseAddress } from '../ip/address.ts'
import { firstOf, formatPrefix, hostPrefix, parsePrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { ConfiguredRoute } from './config.ts'
import type { Lease } from './ipam.ts'
import type { Dns, Result, Route } from './result.ts'

/** The routes that are asked for, then the subnet of each address; those of a family that the pod has. */
export function podRoutes({ addresses, routes }: Lease): PodRoute[] {
  const own = addresses.map(({ address }) => address)
  const asked = routes.map(podRoute)
  const subnets = addresses.map(({ subnet }) => ({ destination: { address: firstOf(subnet), length: subnet.length } }))
  const wanted = [
    ...asked,
    ...subnets.filter(({ destination }) => destination.length < hostPrefix(destination.address).length),
  ]
  const usable = wanted.filter(({ destination }) => hasFamily(own, destination.address.family))
  return [...new Map(usable.toReversed().map(route => [routeKey(route), route])).values()].toReversed()
}

/** Two routes to one destination are one, unless table or priority tell them apart. */
const routeKey = ({ destination, table, priority }: PodRoute): string =>
  `${formatPrefix(destination)} ${table ?? ''} ${priority ?? ''}`

function podRoute({ dst, gw: _, ...more }: ConfiguredRoute): PodRoute {
  try {
    const destination = parsePrefix(dst)
    return { ...present(more), destination: { address: firstOf(destination), length: destination.length } }
  } catch (error) {
    throw new Problem('CONFIG_INVALID', `ipam.routes: dst "${dst}" is no prefix: write one like "0.0.0.0/0"`, '', error)
  }
}

export function podResult(
  names: { host: string; pod: string; netns: string },
  lease: Lease,
  made: MadeLink,
  dns: Dns,
): Result {
  const { hostMac, podMac, mtu, routes } = made
  return {
    interfaces: [
      { name: names.host, mac: hostMac, mtu },
      { name: names.pod, mac: podMac, mtu, sandbox: names.netns },
    ],
    ips: lease.addresses.map(({ address }) => ({
      address: formatPrefix(hostPrefix(address)),
      gateway: formatAddress(gateways[address.family]),
      interface: 1,
    })),
    routes: routes.map(({ destination, ...more }) => ({
      dst: formatPrefix(destination),
      gw: formatAddress(gateways[destination.address.family]),
      ...more,
    })),
    dns,
  }
}

/** What an IPAM answers: the subnet's length and gateway, routes as configured, no interfaces. */
export const ipamResult = ({ addresses, routes, dns }: Lease): Result => ({
  interfaces: [],
  ips: addresses.map(({ address, subnet, gateway }) => ({
    address: formatPrefix({ address, length: subnet.length }),
    ...(gateway && { gateway: formatAddress(gateway) }),
  })),
  routes: routes.map(route => present(route) as Route),
  dns,
})

/** The addresses and routes of ours in a result that comes back. */
export function installed({ interfaces, ips, routes }: Result, podInterface: string, netns: string) {
  const index = interfaces.findIndex(({ name, sandbox }) => name === podInterface && sandbox === netns)
  const ours = ips.filter(ip => ip.interface === index)
  const isOurs = ({ family }: Address, gw = '') => gw !== '' && isSame(gateways[family], parseAddress(gw))
  return {
    addresses: addressesOf(ours),
    routes: readable(() =>
      routes
        .map(({ dst, gw }) => ({ destination: parsePrefix(dst), gw }))
        .filter(({ destination, gw }) => isOurs(destination.address, gw))
        .map(({ destination }) => ({ destination })),
    ),
  }
}

/** The addresses in a result that comes back. */
export const addressesOf = (ips: Result['ips']): Address[] =>
  readable(() => ips.map(({ address }) => parsePrefix(address).address))

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Problem('CONFIG_INVALID', `prevResult: ${error instanceof Error ? error.message : error}`, '', error)
  }
}

const present = <T extends object>(item: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as never

// Who has which address in a local cluster: LANs 172.30.S.0/24 and fd30:0:0:S::/64, the router is .1, node N is .1N. Pure.
import type { Families } from './cluster.ts'

export const pick = (families: Families, ipv4: string, ipv6: string): string[] => [
  ...(families === 'IPv6' ? [] : [ipv4]),
  ...(families === 'IPv4' ? [] : [ipv6]),
]

/** kind's defaults. */
export const podSubnets = (families: Families): string[] => pick(families, '10.244.0.0/16', 'fd00:10:244::/56')
export const serviceSubnets = (families: Families): string[] => pick(families, '10.96.0.0/16', 'fd00:10:96::/112')
export const apiServices = (families: Families): string[] => pick(families, '10.96.0.1', 'fd00:10:96::1')
export const dnsServices = (families: Families): string[] => pick(families, '10.96.0.10', 'fd00:10:96::a')

export const segmentOf = (node: number, segments: number): number => (node - 1) % segments

/** Of a host on a LAN, without a prefix length. */
export const lanAddresses = (families: Families, segment: number, host: number): string[] =>
  pick(families, `172.30.${segment}.${host}`, segment === 0 ? `fd30::${host}` : `fd30:0:0:${segment}::${host}`)

export const nodeAddresses = (families: Families, node: number, segments: number): string[] =>
  lanAddresses(families, segmentOf(node, segments), 10 + node)

export const routerAddresses = (families: Families, segment: number): string[] => lanAddresses(families, segment, 1)

export const lanSubnets = (families: Families): string[] => pick(families, '172.30.0.0/16', 'fd30::/48')
export const outsideAddresses = (families: Families): string[] => pick(families, '192.0.2.10', '2001:db8::10')
export const outsideRouters = (families: Families): string[] => pick(families, '192.0.2.1', '2001:db8::1')

const isIPv6 = (address: string): boolean => address.includes(':')

/** On a LAN, or beyond the router. */
export const withLength = (address: string): string => `${address}/${isIPv6(address) ? 64 : 24}`

export const bracketed = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

/** The options of ip(8) that add an address that can be used at once. */
export const addAddress = (address: string, device: string): string =>
  `address add ${withLength(address)} dev ${device}${isIPv6(address) ? ' nodad' : ''}`

export const addRoute = (destination: string, gateway: string): string => `route add ${destination} via ${gateway}`

export const everywhere = (gateway: string): string => (isIPv6(gateway) ? '::/0' : '0.0.0.0/0')

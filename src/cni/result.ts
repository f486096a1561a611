// A result as we hold it (the newest form), and as each protocol version writes it.
import { Problem } from '../problem.ts'
import { isAtLeast, type Version } from './version.ts'

export interface Interface {
  readonly name: string
  readonly mac?: string
  readonly mtu?: number
  readonly sandbox?: string
}

export interface Ip {
  readonly address: string
  readonly gateway?: string
  readonly interface?: number
}

export interface Route {
  readonly dst: string
  readonly gw?: string
  readonly mtu?: number
  readonly advmss?: number
  readonly priority?: number
  readonly table?: number
  readonly scope?: number
}

export interface Dns {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

export interface Result {
  readonly interfaces: readonly Interface[]
  readonly ips: readonly Ip[]
  readonly routes: readonly Route[]
  readonly dns: Dns
}

export const emptyResult: Result = { interfaces: [], ips: [], routes: [], dns: {} }

export const isIpv6 = (text: string): boolean => text.includes(':')

/** The JSON document of one protocol version. */
export function resultAnswer(result: Result, cniVersion: Version): string {
  const document = { cniVersion, ...(isAtLeast(cniVersion, '0.3.0') ? modern(result, cniVersion) : legacy(result)) }
  try {
    return JSON.stringify(document)
  } catch (error) {
    // Reading knows no depth that is too much, writing does.
    throw new Problem('CONFIG_INVALID', 'prevResult is nested too deeply to be passed on', '', error)
  }
}

function modern({ interfaces, ips, routes, dns }: Result, version: Version): object {
  const newest = isAtLeast(version, '1.1.0')
  return {
    ...some('interfaces', newest ? interfaces : interfaces.map(item => without(item, 'mtu', 'socketPath', 'pciID'))),
    ...some(
      'ips',
      isAtLeast(version, '1.0.0') ? ips : ips.map(ip => ({ version: isIpv6(ip.address) ? '6' : '4', ...ip })),
    ),
    ...some(
      'routes',
      newest ? routes : routes.map(item => without(item, 'mtu', 'advmss', 'priority', 'table', 'scope')),
    ),
    ...(isAtLeast(version, '1.0.0') && Object.keys(dns).length === 0 ? {} : { dns }),
  }
}

/** 0.1.0 and 0.2.0 have room for one address of each family. */
function legacy({ ips, routes, dns }: Result): object {
  const ofFamily = (six: boolean) => {
    const first = ips.find(({ address }) => isIpv6(address) === six)
    if (first === undefined) return undefined
    const own = routes.filter(({ dst }) => isIpv6(dst) === six).map(({ dst, gw }) => ({ dst, ...(gw && { gw }) }))
    return { ip: first.address, ...(first.gateway && { gateway: first.gateway }), ...some('routes', own) }
  }
  const [ip4, ip6] = [ofFamily(false), ofFamily(true)]
  if (!ip4 && !ip6) throw new Problem('CONFIG_INVALID', 'cannot convert: no valid IP addresses')
  return { ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), dns }
}

const some = (key: string, items: readonly unknown[]): object => (items.length > 0 ? { [key]: items } : {})

const without = (item: object, ...keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(item).filter(([key]) => !keys.includes(key)))

/** `earlier` with `ours` behind it: nothing of the earlier is dropped, our indexes shift. */
export function merged(earlier: Result, ours: Result): Result {
  const shift = earlier.interfaces.length
  return {
    interfaces: [...earlier.interfaces, ...ours.interfaces],
    ips: [
      ...earlier.ips,
      ...ours.ips.map(ip => (ip.interface === undefined ? ip : { ...ip, interface: ip.interface + shift })),
    ],
    routes: [...earlier.routes, ...ours.routes],
    dns: mergedDns(earlier.dns, ours.dns),
  }
}

function mergedDns(earlier: Dns, ours: Dns): Dns {
  const union = (key: 'nameservers' | 'search' | 'options') => {
    const all = [...new Set([...(earlier[key] ?? []), ...(ours[key] ?? [])])]
    return all.length > 0 ? { [key]: all } : {}
  }
  const domain = ours.domain ?? earlier.domain
  return {
    ...union('nameservers'),
    ...(domain === undefined ? {} : { domain }),
    ...union('search'),
    ...union('options'),
  }
}

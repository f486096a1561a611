// The network configurations that the tests hand to the runtimes, and the addresses in them.

export type Family = 'IPv4' | 'IPv6' | 'dual-stack'

const subnets = {
  IPv4: ['10.244.1.0/24'],
  IPv6: ['fd00:10:244:1::/64'],
  'dual-stack': ['10.244.1.0/24', 'fd00:10:244:1::/64'],
}

const defaultRoute = (subnet: string) => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' })

export interface Ipam {
  readonly type: string
  readonly [key: string]: unknown
}

export function ipam(family: Family, type = 'podwire-ipam', dataDir = '/run/podwire/ipam'): Ipam {
  const ranges = subnets[family].map(subnet => [{ subnet }])
  return { type, ranges, routes: subnets[family].map(defaultRoute), dataDir }
}

export interface Plugin {
  readonly type: string
  readonly [key: string]: unknown
}

export function podwire(family: Family, more: object = {}): Plugin {
  return { type: 'podwire', ipam: ipam(family), capabilities: { ips: true, mac: true, dns: true }, ...more }
}

/** 1.1.0 is offered beside 1.0.0, as old runtimes need it. */
export function conflist(cniVersion: string, name: string, plugins: readonly Plugin[]): object {
  const versions = cniVersion === '1.1.0' ? { cniVersion: '1.0.0', cniVersions: ['1.0.0', '1.1.0'] } : { cniVersion }
  return { ...versions, name, plugins }
}

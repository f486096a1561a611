// A node that routes for its pods: forwarding on, without losing the default route that a router advertisement gave it.
import { readdirSync } from 'node:fs'
import type { Family } from '../ip/address.ts'
import type { Namespace } from '../netns/namespace.ts'
import { Problem } from '../problem.ts'

const switches: Readonly<Record<Family, string>> = { 4: 'net/ipv4/ip_forward', 6: 'net/ipv6/conf/all/forwarding' }

/** Whether what comes from 127.0.0.1, and asks for a pod's port there, may leave by this interface. */
export const localRouting = (name: string): string => `net/ipv4/conf/${name}/route_localnet`

export const isForwarding = (host: Namespace, family: Family): boolean => host.readSysctl(switches[family]) === '1'

export function turnOnForwarding(host: Namespace, family: Family): void {
  const state = host.readSysctl(switches[family])
  if (state === undefined && family === 6) {
    throw new Problem(
      'IPV6_DISABLED',
      'this node has no IPv6 (ipv6.disable=1?): take the IPv6 range out of ipam.ranges, or boot with IPv6',
    )
  }
  if (state === '1') return
  if (family === 6) keepRouterAdvertisements(host)
  host.writeSysctl(switches[family], '1')
}

/** A forwarding host forgets its RA default route unless accept_ra is 2 (kernel's ip-sysctl). */
function keepRouterAdvertisements(host: Namespace): void {
  for (const name of host.inside(() => readdirSync('/proc/sys/net/ipv6/conf'))) {
    // "default" stays: what comes later, pods' links above all, must not be able to tell this node where to send.
    if (['all', 'default', 'lo'].includes(name)) continue
    const path = `net/ipv6/conf/${name}/accept_ra`
    if (host.readSysctl(path) === '1') host.writeSysctl(path, '2')
  }
}

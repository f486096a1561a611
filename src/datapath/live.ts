// Every address that something on this node still has: asked before reservations of what may be an earlier boot are given up.
import { readdirSync } from 'node:fs'
import type { Connection } from '../netlink/connection.ts'
import { Namespace } from '../netns/namespace.ts'
import { hasCode } from '../problem.ts'
import { address, blankAddress, RTM_GETADDR } from '../rtnetlink/address.ts'
import { blankRoute, RTM_GETROUTE, route } from '../rtnetlink/route.ts'

const NAMED = '/run/netns'
const HOST_PREFIX_LENGTHS: Readonly<Record<number, number>> = { 2: 32, 10: 128 }

/** Addresses of all namespaces that a process is in or that have a name, and the node's own host routes. */
export function liveAddresses(host: Connection): ReadonlySet<string> {
  return new Set([...hostRoutes(host), ...namespacePaths().flatMap(addressesIn)])
}

function hostRoutes(host: Connection): string[] {
  return Object.entries(HOST_PREFIX_LENGTHS).flatMap(([family, length]) =>
    host
      .dump('list routes', RTM_GETROUTE, route, { ...blankRoute, family: Number(family), attributes: {} })
      .filter(({ destinationLength }) => destinationLength === length)
      .map(({ attributes }) => attributes.destination ?? ''),
  )
}

function addressesIn(path: string): string[] {
  try {
    using namespace = Namespace.open(path)
    using connection = namespace.connect()
    return connection
      .dump('list addresses', RTM_GETADDR, address, { ...blankAddress, attributes: {} })
      .map(({ attributes }) => attributes.local ?? attributes.address ?? '')
  } catch (error) {
    // Who may not look knows nothing.
    if (hasCode(error, 'EPERM', 'EACCES')) throw error
    // A namespace that is gone by now has no addresses.
    return []
  }
}

function namespacePaths(): string[] {
  const named = entries(NAMED).map(name => `${NAMED}/${name}`)
  const running = entries('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => `/proc/${pid}/ns/net`)
  return [...named, ...running]
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

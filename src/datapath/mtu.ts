// The MTU of pods where the config names none: that of the interface by which the default route leaves.
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { blankRoute, RTM_GETROUTE, route } from '../rtnetlink/route.ts'

const LEAST = 68
const MOST = 65535
const ETHERNET = 1500
const LOOPBACK = 1
// Documentation addresses (RFC 5737, RFC 3849): nothing but a default route leads there.
const FAR_AWAY = [
  { family: 2, destinationLength: 32, destination: '192.0.2.1' },
  { family: 10, destinationLength: 128, destination: '2001:db8::1' },
]

export const clampedMtu = (mtu: number): number => Math.min(Math.max(mtu, LEAST), MOST)

export function defaultMtu(host: Connection): number {
  for (const far of FAR_AWAY) {
    const index = outputInterface(host, far)
    if (index !== undefined && index !== LOOPBACK) return clampedMtu(host.mtuOf(index))
  }
  return ETHERNET
}

function outputInterface(host: Connection, { family, destinationLength, destination }: (typeof FAR_AWAY)[number]) {
  try {
    const value = { ...blankRoute, family, destinationLength, attributes: { destination } }
    return host.get('look up the default route', RTM_GETROUTE, route, value).attributes.outputInterface
  } catch (error) {
    if (hasCode(error, 'ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL', 'EAFNOSUPPORT', 'ENOTSUP', 'ESRCH'))
      return undefined
    throw error
  }
}

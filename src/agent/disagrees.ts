// Whether what the kernel says that it changed is news to us: our own changes are not, nor are those of pods.
import type { Notification } from '../netlink/notifications.ts'
import { address, RTM_DELADDR, RTM_NEWADDR } from '../rtnetlink/address.ts'
import { link, RTM_DELLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { RTM_DELROUTE, RTM_NEWROUTE, route } from '../rtnetlink/route.ts'
import { routeText } from './node-route.ts'
import {
  addressTextOf,
  isOurs,
  linkText,
  type Observed,
  observedLink,
  observedRoute,
  strangerText,
} from './observed.ts'

const AF_UNSPEC = 0

export function disagrees(known: Observed, { type, body }: Notification): boolean {
  if (type === RTM_NEWLINK || type === RTM_DELLINK) return linkDisagrees(known, type === RTM_NEWLINK, body)
  if (type === RTM_NEWADDR || type === RTM_DELADDR) {
    const message = address.read(body)
    // Addresses of a link that we do not know: a pod's, or it was said to be new before.
    return known.links.has(message.index) && known.addresses.has(addressTextOf(message)) !== (type === RTM_NEWADDR)
  }
  if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return false
  const found = observedRoute(route.read(body), known.tunnel?.index)
  if (found === undefined) return false
  const isKnown = isOurs(found) ? known.routes.has(routeText(found)) : known.strangers.has(strangerText(found))
  return isKnown !== (type === RTM_NEWROUTE)
}

function linkDisagrees({ links }: Observed, isThere: boolean, body: Notification['body']): boolean {
  const message = link.read(body)
  // Bridges and IPv6 speak of links, too.
  if (message.family !== AF_UNSPEC) return false
  const known = links.get(message.index)
  if (!isThere) return known !== undefined
  const found = observedLink(message)
  return found !== undefined && (known === undefined || linkText(known) !== linkText(found))
}

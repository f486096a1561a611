// Forgets the flows of some senders that nobody has answered, and that leave with the sender's own address. Each of their packets makes such a
// flow anew, by the rules of now: nothing that works is lost.
import { type Address, type Family, formatAddress } from '../ip/address.ts'
import type { Connection } from '../netlink/connection.ts'
import { deleteFlow } from './delete-flow.ts'
import { IPS_SEEN_REPLY, IPS_SRC_NAT } from './flow.ts'
import { listFlows } from './list-flows.ts'

const ANSWERED_OR_TRANSLATED = IPS_SEEN_REPLY | IPS_SRC_NAT
const FAMILIES: readonly Family[] = [4, 6]

/** `connection` is one to NETLINK_NETFILTER. */
export function deleteUnanswered(connection: Connection, senders: readonly Address[]): void {
  for (const family of FAMILIES) {
    const own = new Set(senders.filter(address => address.family === family).map(formatAddress))
    if (own.size === 0) continue
    const filter = { status: 0, statusMask: ANSWERED_OR_TRANSLATED }
    for (const found of listFlows(connection, 'list the connections that nobody answers', family, filter)) {
      const { original, status = 0 } = found.attributes
      const sender = original?.addresses?.source4 ?? original?.addresses?.source6 ?? ''
      if (own.has(sender) && (status & ANSWERED_OR_TRANSLATED) === 0) deleteFlow(connection, found)
    }
  }
}

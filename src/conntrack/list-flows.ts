// What the kernel remembers of flows, as far as it compares.
import type { Family } from '../ip/address.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import { AF, blankFlow, flow, IPCTNL_MSG_CT_GET } from './flow.ts'
import type { Flow } from './flow-choice.ts'

/** `connection` is one to NETLINK_NETFILTER. A kernel before 5.8 takes no notice of the filter, and lists every flow. */
export function listFlows(
  connection: Connection,
  operation: string,
  family: Family,
  filter: Flow['attributes'],
): Flow[] {
  try {
    return connection.dump(operation, IPCTNL_MSG_CT_GET, flow, { ...blankFlow, family: AF[family], attributes: filter })
  } catch (error) {
    // What nfnetlink says where nobody has registered as ctnetlink.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP')) throw error
    const message = `${operation}: the kernel has no ctnetlink, so stale ones stay: load its module nf_conntrack_netlink`
    throw new Problem('CONNTRACK_MISSING', message, '', error)
  }
}

// Forgets the flows to one port: what the kernel remembers of a UDP flow outlives the rule that sent it somewhere, and goes before it.
import { type Address, formatAddress } from '../ip/address.ts'
import type { ValueOf } from '../netlink/codec.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import {
  blankFlow,
  CTA_FILTER_PROTO_DST_PORT,
  CTA_FILTER_PROTO_NUM,
  flow,
  IPCTNL_MSG_CT_DELETE,
  IPCTNL_MSG_CT_GET,
} from './flow.ts'

const AF_INET = 2
const AF_INET6 = 10

/** What the first packet of a flow was sent to. */
export interface FlowDestination {
  readonly protocol: number
  readonly port: number
  /** Absent: whatever the address. */
  readonly address?: Address
}

type Flow = ValueOf<typeof flow>

/** Returns how many there were. `connection` is one to NETLINK_NETFILTER. */
export function deleteFlows(connection: Connection, to: FlowDestination): number {
  const found = familiesOf(to).flatMap(family => flowsTo(connection, family, to))
  return found.filter(item => deleteFlow(connection, item)).length
}

function familiesOf({ address }: FlowDestination): number[] {
  if (address === undefined) return [AF_INET, AF_INET6]
  return [address.family === 4 ? AF_INET : AF_INET6]
}

/** The kernel's answers, looked through again: one before 5.8 takes no notice of a filter, and lists every flow. */
function flowsTo(connection: Connection, family: number, to: FlowDestination): Flow[] {
  const wanted = to.address && formatAddress(to.address)
  return list(connection, family, to).filter(({ attributes: { original: { addresses, transport } = {} } }) => {
    const isPort = transport?.protocol === to.protocol && transport.destinationPort === to.port
    const destination = addresses?.destination4 ?? addresses?.destination6
    return isPort && (wanted === undefined || destination === wanted)
  })
}

function list(connection: Connection, family: number, to: FlowDestination): Flow[] {
  const operation = `list the connections to port ${to.port}`
  try {
    return connection.dump(operation, IPCTNL_MSG_CT_GET, flow, {
      ...blankFlow,
      family,
      attributes: comparison(to),
    })
  } catch (error) {
    // What nfnetlink says where nobody has registered as ctnetlink.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP')) throw error
    const message = `${operation}: the kernel has no ctnetlink, so stale ones stay: load its module nf_conntrack_netlink`
    throw new Problem('CONNTRACK_MISSING', message, '', error)
  }
}

/** What the kernel compares by itself: a node has some hundred thousand flows. Not the address: of IPv6 Linux 6.18 lists all but those to it. */
const comparison = ({ protocol, port }: FlowDestination): Flow['attributes'] => ({
  original: { transport: { protocol, destinationPort: port } },
  filter: { compared: CTA_FILTER_PROTO_NUM | CTA_FILTER_PROTO_DST_PORT },
})

/** By its whole tuple: a delete without one empties the kernel's whole table. */
function deleteFlow(connection: Connection, { family, attributes: { original, zone, id } }: Flow): boolean {
  if (!original?.addresses || !original.transport) return false
  try {
    connection.request('delete a connection', IPCTNL_MSG_CT_DELETE, 0, flow, {
      ...blankFlow,
      family,
      attributes: { original, zone, id },
    })
    return true
  } catch (error) {
    // It timed out by itself.
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

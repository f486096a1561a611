// Forgets the flows to one port: what the kernel remembers of a UDP flow outlives the rule that sent it somewhere, and goes before it.
import { type Address, formatAddress } from '../ip/address.ts'
import type { ValueOf } from '../netlink/codec.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import {
  blankFlow,
  CTA_FILTER_IP_DST,
  CTA_FILTER_PROTO_DST_PORT,
  CTA_FILTER_PROTO_NUM,
  flow,
  IPCTNL_MSG_CT_DELETE,
  IPCTNL_MSG_CT_GET,
} from './flow.ts'

const AF_INET = 2
const AF_INET6 = 10
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17

/** What the first packet of a flow was sent to. */
export interface FlowDestination {
  readonly protocol: number
  readonly port: number
  /** Absent: whatever the address. */
  readonly address?: Address
}

type Flow = ValueOf<typeof flow>

/** `connection` is one to NETLINK_NETFILTER. */
export function deleteFlows(connection: Connection, to: FlowDestination): void {
  for (const family of familiesOf(to)) {
    if (isComparedByKernel(to) && deleteCompared(connection, family, to)) continue
    for (const item of flowsTo(connection, family, to)) deleteFlow(connection, item)
  }
}

/** Linux 6.18 compares no port of SCTP, and takes an IPv6 address for the one not to have (ctnetlink_filter_match_tuple). */
const isComparedByKernel = ({ protocol, address }: FlowDestination): boolean =>
  (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) && address?.family !== 6

/** All in one request, at a twentieth of what listing costs. False where the kernel cannot: it takes our tuple for one that should be whole. */
function deleteCompared(connection: Connection, family: number, to: FlowDestination): boolean {
  try {
    connection.request(`delete the connections to port ${to.port}`, IPCTNL_MSG_CT_DELETE, 0, flow, {
      ...blankFlow,
      family,
      attributes: comparison(to),
    })
    return true
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'ENOTSUP')) return false
    throw error
  }
}

function familiesOf({ address }: FlowDestination): number[] {
  if (address === undefined) return [AF_INET, AF_INET6]
  return [address.family === 4 ? AF_INET : AF_INET6]
}

/** The kernel's answers, looked through again: one before 5.8 takes no notice of a comparison, and lists every flow. */
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

const comparison = ({ protocol, port, address }: FlowDestination): Flow['attributes'] => {
  const transport = { protocol, destinationPort: port }
  const compared = CTA_FILTER_PROTO_NUM | CTA_FILTER_PROTO_DST_PORT
  if (address?.family !== 4) return { original: { transport }, filter: { compared } }
  const addresses = { destination4: formatAddress(address) }
  return { original: { addresses, transport }, filter: { compared: compared | CTA_FILTER_IP_DST } }
}

/** By its whole tuple: a delete without one empties the kernel's whole table. */
function deleteFlow(connection: Connection, { family, attributes: { original, zone, id } }: Flow): void {
  if (!original?.addresses || !original.transport) return
  try {
    connection.request('delete a connection', IPCTNL_MSG_CT_DELETE, 0, flow, {
      ...blankFlow,
      family,
      attributes: { original, zone, id },
    })
  } catch (error) {
    // It timed out by itself.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

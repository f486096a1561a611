// Forgets flows: what the kernel remembers of a UDP flow outlives the rule that sent it somewhere, and goes before it.
import type { Family } from '../ip/address.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import { blankFlow, flow, IPCTNL_MSG_CT_DELETE, IPCTNL_MSG_CT_GET } from './flow.ts'
import { exactFilter, type Flow, type FlowChoice, isComparedByKernel, isMeant, roughFilter } from './flow-choice.ts'

const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 }

// A listing costs as much as some twenty deletions by the kernel.
const FEW = 16

/** `connection` is one to NETLINK_NETFILTER. */
export function deleteFlows(connection: Connection, choices: readonly FlowChoice[]): void {
  const rest = choices.length > FEW ? choices : choices.filter(choice => !deletedByKernel(connection, choice))
  const groups = Map.groupBy(rest, ({ family, protocol }) => `${family} ${protocol}`)
  for (const group of groups.values()) deleteListed(connection, group)
}

/** All in one request. False where the kernel cannot: it takes our tuple for one that should be whole. */
function deletedByKernel(connection: Connection, choice: FlowChoice): boolean {
  if (!isComparedByKernel(choice)) return false
  try {
    connection.request(`delete the connections to port ${choice.port}`, IPCTNL_MSG_CT_DELETE, 0, flow, {
      ...blankFlow,
      family: AF[choice.family],
      attributes: exactFilter(choice),
    })
    return true
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'ENOTSUP')) return false
    throw error
  }
}

/** `choices` are of one family and protocol. */
function deleteListed(connection: Connection, choices: readonly FlowChoice[]): void {
  const byPort = Map.groupBy(choices, ({ port }) => port)
  const [first] = choices
  if (first === undefined) return
  const ports = [...byPort.keys()]
  // The kernel's answers are looked through again: one before 5.8 takes no notice of a filter, and lists every flow.
  for (const item of list(connection, first, ports)) {
    const port = item.attributes.original?.transport?.destinationPort ?? 0
    if (byPort.get(port)?.some(choice => isMeant(choice, item))) deleteFlow(connection, item)
  }
}

function list(connection: Connection, { family, protocol }: FlowChoice, ports: readonly number[]): Flow[] {
  const operation = `list the connections to port ${ports.join(', ')}`
  try {
    return connection.dump(operation, IPCTNL_MSG_CT_GET, flow, {
      ...blankFlow,
      family: AF[family],
      attributes: roughFilter(protocol, ports.length === 1 ? ports[0] : undefined),
    })
  } catch (error) {
    // What nfnetlink says where nobody has registered as ctnetlink.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP')) throw error
    const message = `${operation}: the kernel has no ctnetlink, so stale ones stay: load its module nf_conntrack_netlink`
    throw new Problem('CONNTRACK_MISSING', message, '', error)
  }
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

// Forgets flows: what the kernel remembers of a UDP flow outlives the rule that sent it somewhere, and goes before it.
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { deleteFlow } from './delete-flow.ts'
import { AF, blankFlow, flow, IPCTNL_MSG_CT_DELETE } from './flow.ts'
import { exactFilter, type FlowChoice, isComparedByKernel, isMeant, roughFilter } from './flow-choice.ts'
import { listFlows } from './list-flows.ts'

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
  const operation = `list the connections to port ${ports.join(', ')}`
  const filter = roughFilter(first.protocol, ports.length === 1 ? ports[0] : undefined)
  // The kernel's answers are looked through again: one before 5.8 takes no notice of a filter, and lists every flow.
  for (const item of listFlows(connection, operation, first.family, filter)) {
    const port = item.attributes.original?.transport?.destinationPort ?? 0
    if (byPort.get(port)?.some(choice => isMeant(choice, item))) deleteFlow(connection, item)
  }
}

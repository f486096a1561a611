// What podwire keeps in a node's kernel besides pods, taken away: routes to other nodes, the tunnel, the table. Pods' own links stay for their DEL.
import type { Change } from '../agent/difference.ts'
import { NodeKernel } from '../agent/node-kernel.ts'
import { NODE_ROUTE_PROTOCOL } from '../agent/node-route.ts'
import { deviceRequests } from '../agent/tunnel.ts'
import { within } from '../datapath/node-table.ts'
import { hasNftables, tableState } from '../datapath/whole-table.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { commit } from '../nftables/commit.ts'
import { Problem } from '../problem.ts'

/** In the network namespace of the calling thread. What was there, in words. */
export function removeNodeNetwork(): string[] {
  try {
    return [...removeRoutes(), ...removeTable()]
  } catch (error) {
    if (error instanceof Problem) throw error
    const why = error instanceof Error ? error.message : error
    const way = "call it as root, in the node's own network namespace"
    throw new Problem('KERNEL_REFUSED', `cannot take podwire out of this node's kernel: ${why}: ${way}`, '', error)
  }
}

function removeRoutes(): string[] {
  using kernel = NodeKernel.open()
  const { routes, tunnel } = kernel.observe()
  const changes = Array.from(routes, ([text, route]): Change => ({ verb: 'delete', text, route }))
  const [refusal] = [...kernel.apply(changes), ...kernel.perform(deviceRequests(undefined, tunnel))]
  kernel.forget()
  const left = kernel.observe()
  if (left.routes.size > 0 || left.tunnel !== undefined)
    throw refusal ?? new Error('somebody makes its routes anew: an agent is still at work')
  return [
    ...(changes.length > 0 ? [`${changes.length} routes of protocol ${NODE_ROUTE_PROTOCOL}`] : []),
    ...(tunnel === undefined ? [] : [`interface ${tunnel.name}`]),
  ]
}

function removeTable(): string[] {
  using connection = Connection.open(NETLINK_NETFILTER)
  if (!hasNftables(connection) || tableState(connection) === 'missing') return []
  const { family, table: name } = within
  commit(connection, [['destroy', { kind: 'table', family, name }]])
  return [`table ${family} ${name}`]
}

// All that the kernel should hold for the cluster: routes, the tunnel, and what the tunnel must know.
import type { ClusterNode } from '../cluster/node.ts'
import type { Problem } from '../problem.ts'
import { type NodePlan, nodePlan } from './node-plan.ts'
import { type NodeRoute, routeText } from './node-route.ts'
import type { Surroundings } from './surroundings.ts'
import { prefixText } from './text.ts'
import { entryText, type TunnelEntry } from './tunnel-entry.ts'

export interface Desired {
  /** By their texts. */
  readonly routes: ReadonlyMap<string, NodeRoute>
  readonly entries: ReadonlyMap<string, TunnelEntry>
  readonly plans: ReadonlyMap<string, NodePlan>
  readonly problems: readonly Problem[]
}

interface WrittenPlan extends NodePlan {
  readonly routesByText: readonly (readonly [string, NodeRoute])[]
  readonly entriesByText: readonly (readonly [string, TunnelEntry])[]
}

/** Behind everything that leads to a pod. */
const UNREACHABLE_METRIC = 0xff00_2000

/** Plans of nodes that did not change, where nothing around them did: a cluster of thousands changes one by one. */
export type Plans = WeakMap<ClusterNode, WrittenPlan>

export function desired(self: ClusterNode, others: readonly ClusterNode[], here: Surroundings, known: Plans): Desired {
  const routes = new Map<string, NodeRoute>(self.podCidrs.map(unreachableRoute).map(route => [routeText(route), route]))
  const entries = new Map<string, TunnelEntry>()
  const plans = new Map<string, NodePlan>()
  const problems: Problem[] = []
  for (const node of others) {
    const plan = known.get(node) ?? written(nodePlan(node, here))
    known.set(node, plan)
    plans.set(node.name, plan)
    for (const [text, route] of plan.routesByText) routes.set(text, route)
    for (const [text, entry] of plan.entriesByText) entries.set(text, entry)
    problems.push(...plan.problems)
  }
  return { routes, entries, plans, problems }
}

const written = (plan: NodePlan): WrittenPlan => ({
  ...plan,
  routesByText: plan.routes.map(route => [routeText(route), route]),
  entriesByText: plan.entries.map(entry => [entryText(entry), entry]),
})

/** So that what is sent to an address of ours that no pod has does not leave by the default route, to come back. */
const unreachableRoute = (cidr: ClusterNode['podCidrs'][number]): NodeRoute => ({
  family: cidr.address.family,
  destination: prefixText(cidr),
  metric: UNREACHABLE_METRIC,
})

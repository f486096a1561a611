// All that the kernel should hold for the cluster: routes, and what the tunnel must know. What did not change is not computed again.
import type { ClusterNode } from '../cluster/node.ts'
import { formatPrefix, type Prefix } from '../ip/prefix.ts'
import type { Problem } from '../problem.ts'
import { listChanges } from './list-changes.ts'
import { type NodePlan, nodePlan } from './node-plan.ts'
import { type NodeRoute, routeText } from './node-route.ts'
import type { Surroundings } from './surroundings.ts'
import { entryText, type TunnelEntry } from './tunnel-entry.ts'

/** The same maps each time: they change with the next call. */
export interface Desired {
  /** By their texts. */
  readonly routes: ReadonlyMap<string, NodeRoute>
  readonly entries: ReadonlyMap<string, TunnelEntry>
  readonly plans: ReadonlyMap<string, NodePlan>
  /** What came to the maps and what left them since the last call, by their texts. */
  readonly touched: readonly string[]
  readonly problems: readonly Problem[]
}

/** Behind everything that leads to a pod. */
const UNREACHABLE_METRIC = 0xff00_2000

/** Of one node in unchanging surroundings. */
export class DesiredState {
  readonly #here: Surroundings
  #others: readonly ClusterNode[] = []
  readonly #routes = new Map<string, NodeRoute>()
  readonly #entries = new Map<string, TunnelEntry>()
  readonly #plans = new Map<string, NodePlan>()
  readonly #problems = new Map<string, readonly Problem[]>()

  constructor(self: ClusterNode, here: Surroundings) {
    this.#here = here
    for (const route of self.podCidrs.map(unreachableRoute)) this.#routes.set(routeText(route), route)
  }

  of(others: readonly ClusterNode[]): Desired {
    const { gone, come } = listChanges(this.#others, others)
    this.#others = others
    const touched: string[] = []
    // First all that goes: what one node has now, another may have had.
    for (const node of gone) this.#drop(node, touched)
    for (const node of come) this.#add(node, touched)
    return {
      routes: this.#routes,
      entries: this.#entries,
      plans: this.#plans,
      touched,
      problems: Array.from(this.#problems.values()).flat(),
    }
  }

  #add(node: ClusterNode, touched: string[]): void {
    const plan = nodePlan(node, this.#here)
    this.#plans.set(node.name, plan)
    if (plan.problems.length > 0) this.#problems.set(node.name, plan.problems)
    for (const route of plan.routes) {
      const text = routeText(route)
      this.#routes.set(text, route)
      touched.push(text)
    }
    for (const entry of plan.entries) {
      const text = entryText(entry)
      this.#entries.set(text, entry)
      touched.push(text)
    }
  }

  #drop({ name }: ClusterNode, touched: string[]): void {
    const plan = this.#plans.get(name)
    this.#plans.delete(name)
    this.#problems.delete(name)
    for (const text of plan?.routes.map(routeText) ?? []) {
      this.#routes.delete(text)
      touched.push(text)
    }
    for (const text of plan?.entries.map(entryText) ?? []) {
      this.#entries.delete(text)
      touched.push(text)
    }
  }
}

/** So that what is sent to an address of ours that no pod has does not leave by the default route, to come back. */
const unreachableRoute = (cidr: Prefix): NodeRoute => ({
  family: cidr.address.family,
  destination: formatPrefix(cidr),
  metric: UNREACHABLE_METRIC,
})

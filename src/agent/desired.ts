// All that the kernel should hold for the cluster: routes, and what the tunnel must know. What did not change is not computed again.
import type { ClusterNode } from '../cluster/node.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { Problem } from '../problem.ts'
import { listChanges } from './list-changes.ts'
import { type NodePlan, nodePlan } from './node-plan.ts'
import { type NodeRoute, routeText } from './node-route.ts'
import type { Surroundings } from './surroundings.ts'
import { prefixText } from './text.ts'
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

interface Planned {
  readonly routes: readonly string[]
  readonly entries: readonly string[]
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
  readonly #planned = new Map<string, Planned>()
  readonly #problems = new Map<string, readonly Problem[]>()

  constructor(self: ClusterNode, here: Surroundings) {
    this.#here = here
    for (const route of self.podCidrs.map(unreachableRoute)) this.#routes.set(routeText(route), route)
  }

  of(others: readonly ClusterNode[]): Desired {
    const { gone, come } = listChanges(this.#others, others)
    this.#others = others
    // First all that goes: what one node has now, another may have had.
    const dropped = gone.flatMap(node => this.#drop(node.name))
    const added = come.flatMap(node => this.#add(node))
    return {
      routes: this.#routes,
      entries: this.#entries,
      plans: this.#plans,
      touched: [...dropped, ...added],
      problems: Array.from(this.#problems.values()).flat(),
    }
  }

  #add(node: ClusterNode): readonly string[] {
    const plan = nodePlan(node, this.#here)
    const routes = plan.routes.map(route => {
      const text = routeText(route)
      this.#routes.set(text, route)
      return text
    })
    const entries = plan.entries.map(entry => {
      const text = entryText(entry)
      this.#entries.set(text, entry)
      return text
    })
    this.#planned.set(node.name, { routes, entries })
    this.#plans.set(node.name, plan)
    if (plan.problems.length > 0) this.#problems.set(node.name, plan.problems)
    return [...routes, ...entries]
  }

  #drop(name: string): readonly string[] {
    const { routes = [], entries = [] } = this.#planned.get(name) ?? {}
    for (const text of routes) this.#routes.delete(text)
    for (const text of entries) this.#entries.delete(text)
    for (const map of [this.#planned, this.#plans, this.#problems]) map.delete(name)
    return [...routes, ...entries]
  }
}

/** So that what is sent to an address of ours that no pod has does not leave by the default route, to come back. */
const unreachableRoute = (cidr: Prefix): NodeRoute => ({
  family: cidr.address.family,
  destination: prefixText(cidr),
  metric: UNREACHABLE_METRIC,
})

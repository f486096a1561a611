// The membership of a list that changes one node at a time: while nothing overlaps, nobody's age matters, and only what changed is judged.
import { type ClusterNode, compareAge } from '../cluster/node.ts'
import { Judge, type Membership, membership, type OwnNetwork, sides } from './membership.ts'
import { prefixText } from './text.ts'

interface Last {
  readonly nodes: readonly ClusterNode[]
  readonly networks: string
  readonly judge: Judge
  readonly result: Membership
}

export class Members {
  readonly #ownName: string
  #last: Last | undefined

  constructor(ownName: string) {
    this.#ownName = ownName
  }

  /** As `membership` would have it. */
  of(nodes: readonly ClusterNode[], ownNetworks: readonly OwnNetwork[]): Membership {
    const networks = ownNetworks.map(({ prefix, interfaceName }) => `${prefixText(prefix)} ${interfaceName}`).join()
    const last = this.#last?.networks === networks ? this.#last : undefined
    if (last?.nodes === nodes) return last.result
    const changed = last === undefined ? undefined : this.#changed(last, nodes)
    if (last !== undefined && changed !== undefined) {
      this.#last = { ...last, nodes, result: changed }
      return changed
    }
    const judge = new Judge(ownNetworks)
    const result = membership(nodes, this.#ownName, judge)
    this.#last = { nodes, networks, judge, result }
    return result
  }

  /** Undefined where somebody loses something, or may get back what was lost. */
  #changed({ judge, result }: Last, nodes: readonly ClusterNode[]): Membership | undefined {
    if (result.problems.length > 0) return undefined
    const now = new Set(nodes)
    const before = new Set(result.members)
    for (const node of before) if (!now.has(node)) judge.dismiss(node)
    for (const node of now) if (!before.has(node) && !judge.admits(node)) return undefined
    // A node that is twice in the list.
    if (now.size !== nodes.length) return undefined
    const members = nodes.toSorted(compareAge)
    return { ...sides(members, this.#ownName), members, problems: [] }
  }
}

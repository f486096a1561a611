// The membership of a list that changes one node at a time: while nothing overlaps, nobody's age matters, and only what changed is judged.
import { type ClusterNode, compareAge } from '../cluster/node.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { listChanges } from './list-changes.ts'
import { Judge, type Membership, membership, type OwnNetwork, sides } from './membership.ts'

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
    const networks = ownNetworks.map(({ prefix, interfaceName }) => `${formatPrefix(prefix)} ${interfaceName}`).join()
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
  #changed({ judge, result, nodes: before }: Last, nodes: readonly ClusterNode[]): Membership | undefined {
    if (result.problems.length > 0) return undefined
    const { gone, come } = listChanges(before, nodes)
    for (const node of gone) judge.dismiss(node)
    for (const node of come) if (judge.kept(node) !== node) return undefined
    // A node that is twice in the list.
    if (nodes.length !== before.length - gone.length + come.length) return undefined
    const left = new Set(gone)
    const members = merged(
      result.members.filter(node => !left.has(node)),
      come.toSorted(compareAge),
    )
    return { ...sides(members, this.#ownName), members, problems: [] }
  }
}

/** Of two lists that are sorted already. */
function merged(many: readonly ClusterNode[], few: readonly ClusterNode[]): ClusterNode[] {
  const all: ClusterNode[] = []
  let from = 0
  for (const node of few) {
    const place = placeOf(node, many)
    for (; from < place; from++) all.push(many[from] as ClusterNode)
    all.push(node)
  }
  return all.concat(many.slice(from))
}

/** How many of a sorted list are older. */
function placeOf(node: ClusterNode, sorted: readonly ClusterNode[]): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareAge(sorted[middle] as ClusterNode, node) < 0) low = middle + 1
    else high = middle
  }
  return low
}

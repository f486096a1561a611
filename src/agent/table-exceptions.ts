// To whom pods keep their address: the cluster, and whoever else is asked for.
import type { ClusterNode } from '../cluster/node.ts'
import { JoinedPrefixes } from '../ip/joined-prefixes.ts'
import { outermost } from '../ip/outermost.ts'
import { contains, formatPrefix, type Prefix } from '../ip/prefix.ts'
import { listChanges } from './list-changes.ts'

type Member = Pick<ClusterNode, 'podCidrs'>

export interface ExceptionSources {
  /** The cluster's pod networks, where they are known; they take the place of what is gathered from its nodes. */
  readonly cluster: readonly Prefix[]
  /** Nodes whose claims stand: their podCIDRs do not overlap. */
  readonly members: readonly Member[]
  /** This node's own podCIDRs, what its administrator and what its pods ask for. */
  readonly more: readonly Prefix[]
}

const NOBODY: readonly Member[] = []

/** Thousands of nodes, mostly in a row, come down to a few prefixes; only a node that changed is looked at again. */
export class DesiredExceptions {
  readonly #gathered = new JoinedPrefixes()
  #members: readonly Member[] = NOBODY
  #last: { readonly few: string; readonly members: readonly Member[]; readonly texts: ReadonlySet<string> } | undefined

  /** As texts, none of which contains another. The very same set where nothing changed. */
  of({ cluster, members: all, more }: ExceptionSources): ReadonlySet<string> {
    const members = cluster.length > 0 ? NOBODY : all
    const few = outermost([...cluster, ...more])
    const fewText = few.map(formatPrefix).join()
    if (this.#last?.members === members && this.#last.few === fewText) return this.#last.texts
    this.#gather(members)
    const beside = few.filter(prefix => !this.#gathered.covers(prefix))
    const isCovered = ({ address }: Prefix) => beside.some(prefix => contains(prefix, address))
    const gathered = this.#gathered.values().filter(prefix => !isCovered(prefix))
    const texts = new Set([...beside, ...gathered].map(formatPrefix))
    this.#last = { few: fewText, members, texts }
    return texts
  }

  #gather(members: readonly Member[]): void {
    const { gone, come } = listChanges(this.#members, members)
    this.#members = members
    // First all that goes: what one node has now, another may have had.
    for (const { podCidrs } of gone) for (const cidr of podCidrs) this.#gathered.delete(cidr)
    for (const { podCidrs } of come) for (const cidr of podCidrs) this.#gathered.add(cidr)
  }
}

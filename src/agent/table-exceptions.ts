// To whom pods keep their address: the cluster, and whoever else is asked for.
import type { ClusterNode } from '../cluster/node.ts'
import { bitsOf } from '../ip/address.ts'
import { outermost } from '../ip/outermost.ts'
import { contains, firstOf, formatPrefix, type Prefix } from '../ip/prefix.ts'
import { prefixText } from './text.ts'

export interface ExceptionSources {
  /** The cluster's pod networks, where they are known; they take the place of what is gathered from its nodes. */
  readonly cluster: readonly Prefix[]
  /** Nodes whose claims stand: their podCIDRs do not overlap. */
  readonly members: readonly Pick<ClusterNode, 'podCidrs'>[]
  /** This node's own podCIDRs, what its administrator and what its pods ask for. */
  readonly more: readonly Prefix[]
}

/** As texts, none of which contains another. What did not change is not computed again. */
export class DesiredExceptions {
  #last:
    | { readonly few: string; readonly members: ExceptionSources['members']; readonly texts: ReadonlySet<string> }
    | undefined
  #covered = new WeakMap<Prefix, boolean>()

  /** The very same set where nothing changed. */
  of({ cluster, members, more }: ExceptionSources): ReadonlySet<string> {
    // Few beside thousands of nodes.
    const few = outermost([...cluster, ...more])
    const fewText = few.map(formatPrefix).join()
    if (this.#last?.few !== fewText) this.#covered = new WeakMap()
    else if (this.#last.members === members) return this.#last.texts
    const cidrs = cluster.length > 0 ? [] : members.flatMap(({ podCidrs }) => podCidrs)
    const gathered = new Set(cidrs.map(prefixText))
    const beside = few.filter(prefix => !wider(prefix).some(text => gathered.has(text)))
    const texts = new Set([
      ...beside.map(formatPrefix),
      ...cidrs.filter(cidr => !this.#isCovered(cidr, few)).map(prefixText),
    ])
    this.#last = { few: fewText, members, texts }
    return texts
  }

  #isCovered(cidr: Prefix, few: readonly Prefix[]): boolean {
    const known = this.#covered.get(cidr)
    if (known !== undefined) return known
    const isCovered = few.some(prefix => prefix.length <= cidr.length && contains(prefix, cidr.address))
    this.#covered.set(cidr, isCovered)
    return isCovered
  }
}

/** Every prefix that contains this one, but itself. */
const wider = ({ address, length }: Prefix): string[] =>
  Array.from({ length: Math.min(length, bitsOf(address.family)) }, (_, shorter) =>
    formatPrefix({ address: firstOf({ address, length: shorter }), length: shorter }),
  )

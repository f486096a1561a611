// From the list of nodes and what the kernel shows of where we are, to what the kernel should hold. What did not change is not computed again.
import type { ClusterNode } from '../cluster/node.ts'
import { type Desired, desired, type Plans } from './desired.ts'
import { type Membership, membership, type OwnNetwork } from './membership.ts'
import { networksOf, ownNetworks } from './networks.ts'
import type { Observed } from './observed.ts'
import { type Mode, type Surroundings, sourcesOf, underlayFamily } from './surroundings.ts'
import { prefixText } from './text.ts'

export interface Plan extends Membership {
  readonly self: ClusterNode
  readonly here: Surroundings
  readonly desired: Desired
}

type Seen = Pick<Observed, 'strangers' | 'links'>

export class Planner {
  readonly #ownName: string
  readonly #mode: Mode
  readonly #tunnelFamily: Surroundings['underlay'] | undefined
  #members = kept(
    (nodes: readonly ClusterNode[], _text: string, networks: readonly OwnNetwork[]): Membership =>
      membership(nodes, this.#ownName, networks),
  )
  #here: { readonly text: string; readonly value: Surroundings; readonly plans: Plans } | undefined
  #desired = kept(
    (members: Membership, _text: string, here: Surroundings, self: ClusterNode, plans: Plans): Desired =>
      desired(self, members.others, here, plans),
  )

  constructor(ownName: string, mode: Mode, tunnelFamily?: Surroundings['underlay']) {
    this.#ownName = ownName
    this.#mode = mode
    this.#tunnelFamily = tunnelFamily
  }

  /** Undefined where the list does not know this node. */
  plan(nodes: readonly ClusterNode[], observed: Seen): Plan | undefined {
    const networks = ownNetworks(observed)
    const text = networks.map(({ prefix, interfaceName }) => `${prefixText(prefix)} ${interfaceName}`).join()
    const members = this.#members(nodes, text, networks)
    const { self } = members
    if (self === undefined) return undefined
    const { value: here, plans, text: hereText } = this.#surroundings(members, self, observed)
    return { ...members, self, here, desired: this.#desired(members, hereText, here, self, plans) }
  }

  #surroundings({ members }: Membership, self: ClusterNode, observed: Seen) {
    const value: Surroundings = {
      mode: this.#mode,
      networks: networksOf(observed),
      sources: sourcesOf(self),
      underlay: this.#tunnelFamily ?? underlayFamily(members),
    }
    const networks = value.networks.map(({ prefix, connected }) => `${prefixText(prefix)} ${connected}`)
    const text = JSON.stringify([networks, value.sources, value.underlay])
    if (this.#here?.text !== text) this.#here = { text, value, plans: new WeakMap() }
    return this.#here
  }
}

/** The last result, for as long as its first two arguments are the same. */
function kept<A, Rest extends readonly unknown[], R>(
  compute: (first: A, text: string, ...rest: Rest) => R,
): (first: A, text: string, ...rest: Rest) => R {
  let last: { readonly first: A; readonly text: string; readonly result: R } | undefined
  return (first, text, ...rest) => {
    if (last === undefined || last.first !== first || last.text !== text)
      last = { first, text, result: compute(first, text, ...rest) }
    return last.result
  }
}

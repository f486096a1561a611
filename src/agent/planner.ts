// From the list of nodes and what the kernel shows of where we are, to what the kernel should hold.
import type { ClusterNode } from '../cluster/node.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { type Desired, DesiredState } from './desired.ts'
import { Members } from './members.ts'
import type { Membership } from './membership.ts'
import { networksOf, ownNetworks } from './networks.ts'
import type { Observed } from './observed.ts'
import { type Mode, type Surroundings, sourcesOf, underlayFamily } from './surroundings.ts'

export interface Plan extends Membership {
  readonly self: ClusterNode
  readonly here: Surroundings
  readonly desired: Desired
}

type Seen = Pick<Observed, 'strangers' | 'links'>

export class Planner {
  readonly #mode: Mode
  readonly #tunnelFamily: Surroundings['underlay'] | undefined
  readonly #members: Members
  #state:
    | { readonly text: string; readonly self: ClusterNode; readonly here: Surroundings; readonly desired: DesiredState }
    | undefined

  constructor(ownName: string, mode: Mode, tunnelFamily?: Surroundings['underlay']) {
    this.#mode = mode
    this.#tunnelFamily = tunnelFamily
    this.#members = new Members(ownName)
  }

  /** Undefined where the list does not know this node. */
  plan(nodes: readonly ClusterNode[], observed: Seen): Plan | undefined {
    const membership = this.#members.of(nodes, ownNetworks(observed))
    const { self, others, members } = membership
    if (self === undefined) return undefined
    const { here, desired } = this.#stateIn(self, {
      mode: this.#mode,
      networks: networksOf(observed),
      sources: sourcesOf(self),
      underlay: this.#tunnelFamily ?? underlayFamily(members),
    })
    return { ...membership, self, here, desired: desired.of(others) }
  }

  #stateIn(self: ClusterNode, here: Surroundings) {
    const networks = here.networks.map(({ prefix, connected }) => `${formatPrefix(prefix)} ${connected}`)
    const text = JSON.stringify([networks, here.sources, here.underlay])
    if (this.#state?.text !== text || this.#state.self !== self)
      this.#state = { text, self, here, desired: new DesiredState(self, here) }
    return this.#state
  }
}

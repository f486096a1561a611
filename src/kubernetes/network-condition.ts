// Keeps the node's condition NetworkUnavailable at False, for as long as pods have a network. A node without the right to say so goes on.
import { Problem } from '../problem.ts'
import type { ApiAccess } from './api-access.ts'
import { sayNetworkAvailable } from './network-available.ts'
import { Troubles } from './troubles.ts'

// Some seventeen requests a second from 5,000 nodes, answered from the API server's memory; their kubelets' leases are 500.
const LOOK_MS = 300_000
// Twice as long after each failure: it may be a moment's, or a right that nobody gives.
const RETRY_FIRST_MS = 10_000

export interface NetworkConditionOptions {
  readonly onTrouble: (problem: Problem) => void
  readonly onSaid: () => void
  /** In milliseconds, of a clock that nobody sets. */
  readonly now?: () => number
}

export class NetworkCondition {
  readonly #access: ApiAccess
  readonly #node: string
  readonly #options: NetworkConditionOptions
  readonly #troubles: Troubles
  #dueAt = Number.NEGATIVE_INFINITY
  #retryMs = RETRY_FIRST_MS

  constructor(access: ApiAccess, node: string, options: NetworkConditionOptions) {
    this.#access = access
    this.#node = node
    this.#options = options
    this.#troubles = new Troubles(options.onTrouble)
  }

  /** Pods have a network: to be called as often as that is found. Never throws. */
  async keep(): Promise<void> {
    const { now = () => performance.now(), onSaid } = this.#options
    if (now() < this.#dueAt) return
    this.#dueAt = Number.POSITIVE_INFINITY
    let nextMs = LOOK_MS
    try {
      if (await sayNetworkAvailable(this.#access, this.#node, Date.now())) onSaid()
      this.#troubles.end()
      this.#retryMs = RETRY_FIRST_MS
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      nextMs = this.#retryMs
      this.#retryMs = Math.min(nextMs * 2, LOOK_MS)
      this.#troubles.say(error)
    }
    this.#dueAt = now() + nextMs
  }
}

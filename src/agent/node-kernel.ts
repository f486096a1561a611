// The kernel's side of the node: what it holds, kept in mind between changes, and changes to it.
import type { Refusal, Request } from '../netlink/batch.ts'
import { Connection, NETLINK_ROUTE, NLM_F_ACK } from '../netlink/connection.ts'
import { Notifications } from '../netlink/notifications.ts'
import type { Change } from './difference.ts'
import { disagrees } from './disagrees.ts'
import { NODE_ROUTE_PROTOCOL } from './node-route.ts'
import { type Observation, observe } from './observe.ts'
import type { Observed } from './observed.ts'
import { changeRequest } from './requests.ts'

/**
 * linux/rtnetlink.h: links, addresses and routes of both families. Not neighbours (3): all pods' are in that group, and where twenty change a second,
 * hearing of them once a second costs 0.2 % of a core, as much as an agent at rest may. What somebody deletes singly of the tunnel's comes back with the next sweep.
 */
export const GROUPS = [1, 5, 7, 9, 11] as const

// Their refusals fit into our socket.
const AT_A_TIME = 250

export class NodeKernel implements Disposable {
  readonly #connection: Connection
  readonly #notifications: Notifications
  #known: Observation | undefined
  #isStale = false

  private constructor(connection: Connection, notifications: Notifications) {
    this.#connection = connection
    this.#notifications = notifications
  }

  /** Of the calling thread's network namespace. */
  static open(): NodeKernel {
    const connection = Connection.open()
    try {
      return new NodeKernel(connection, Notifications.open(NETLINK_ROUTE, GROUPS, connection.port))
    } catch (error) {
      connection[Symbol.dispose]()
      throw error
    }
  }

  /** What announcements of our own changes carry. */
  get port(): number {
    return this.#connection.port
  }

  /** Whether what `observe` found is no longer all there is to know. */
  hasNews(): boolean {
    const known = this.#known
    const isComplete = this.#notifications.drain(notification => {
      // What we changed ourselves is remembered as it is answered, and not heard here.
      this.#isStale ||= known !== undefined && disagrees(known, notification)
    })
    this.#isStale ||= !isComplete
    return this.#isStale
  }

  /** Read anew only if there is news. */
  observe(): Observed {
    if (this.hasNews() || this.#known === undefined) {
      this.#known = observe(this.#connection)
      this.#isStale = false
    }
    return this.#known
  }

  /** Next time everything is read. */
  forget(): void {
    this.#isStale = true
  }

  /** Makes all changes that the kernel does not refuse. */
  apply(changes: readonly Change[]): Refusal['error'][] {
    const refused: Refusal['error'][] = []
    const tunnel = this.#known?.tunnel?.index ?? 0
    for (let at = 0; at < changes.length; at += AT_A_TIME) {
      const part = changes.slice(at, at + AT_A_TIME)
      const refusals = this.#send(part.map(change => changeRequest(change, tunnel)))
      if (refusals.length > 0) this.forget()
      refused.push(...refusals.map(({ error }) => error))
      if (this.#known !== undefined) for (const change of part) remember(this.#known, change)
      this.hasNews()
    }
    return refused
  }

  /** Other requests, after which everything is read anew. */
  perform(requests: readonly Request[]): Refusal['error'][] {
    if (requests.length === 0) return []
    this.forget()
    return this.#send(requests).map(({ error }) => error)
  }

  #send(requests: readonly Request[]): Refusal[] {
    const last = requests.length - 1
    return this.#connection.batch(
      requests.map((request, at) => (at === last ? { ...request, flags: request.flags | NLM_F_ACK } : request)),
    )
  }

  [Symbol.dispose](): void {
    this.#notifications[Symbol.dispose]()
    this.#connection[Symbol.dispose]()
  }
}

function remember({ routes, entries }: Observation, change: Change): void {
  const { verb, text, replaces = text } = change
  if ('entry' in change) {
    entries.delete(replaces)
    if (verb !== 'delete') entries.set(text, change.entry)
    return
  }
  routes.delete(replaces)
  const isUnicast = change.route.device !== undefined
  if (verb !== 'delete') routes.set(text, { ...change.route, protocol: NODE_ROUTE_PROTOCOL, isUnicast })
}

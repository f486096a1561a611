// When the kernel had a route to another node's pods, or had it no more: by its own announcements.
import { NODE_ROUTE_PROTOCOL } from '../../../src/agent/node-route.ts'
import { NETLINK_ROUTE } from '../../../src/netlink/connection.ts'
import { Notifications } from '../../../src/netlink/notifications.ts'
import { RTM_DELROUTE, RTM_NEWROUTE, route } from '../../../src/rtnetlink/route.ts'

// linux/rtnetlink.h: routes of both families.
const GROUPS = [7, 11]
const POLL_MS = 1
const LONGEST_MS = 60_000

type Deed = 'made' | 'gone'

/** "made 10.128.1.0/24" */
export const deed = (what: Deed, destination: string): string => `${what} ${destination}`

export class RouteEvents implements Disposable {
  readonly #notifications = Notifications.open(NETLINK_ROUTE, GROUPS)
  /** When each was announced last. */
  readonly #at = new Map<string, number>()

  /** The moment at which all of these had been announced. */
  all(deeds: readonly string[]): Promise<number> {
    return this.#when(
      () => deeds.every(one => this.#at.has(one)),
      () => `${deeds.filter(one => !this.#at.has(one))}`,
    )
  }

  /** The moment at which so many different ones had been. */
  many(count: number): Promise<number> {
    return this.#when(
      () => this.#at.size >= count,
      () => `${count}, but ${this.#at.size}`,
    )
  }

  forget(): void {
    this.#at.clear()
  }

  async #when(holds: () => boolean, missing: () => string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => reject(new Error(`after a minute not yet: ${missing()}`)), LONGEST_MS)
    // One socket more is work for the kernel at each route, so none wakes us.
    const poll = setInterval(() => {
      this.#drain()
      if (holds()) resolve()
    }, POLL_MS)
    await promise
    clearTimeout(timer)
    clearInterval(poll)
    return Math.max(...this.#at.values())
  }

  #drain(): void {
    const isComplete = this.#notifications.drain(({ type, body }) => {
      if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return
      const { protocol, destinationLength, attributes } = route.read(body)
      const destination = `${attributes.destination}/${destinationLength}`
      const what = type === RTM_NEWROUTE ? 'made' : 'gone'
      if (protocol === NODE_ROUTE_PROTOCOL) this.#at.set(deed(what, destination), performance.now())
    })
    if (!isComplete) throw new Error('some announcements of the kernel were lost')
  }

  [Symbol.dispose](): void {
    this.#notifications[Symbol.dispose]()
  }
}

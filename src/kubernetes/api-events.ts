// Events, as `kubectl describe` shows them: sent one after the other, and whatever becomes of them, nothing waits for it.
import { Problem } from '../problem.ts'
import type { ApiAccess } from './api-access.ts'
import { call } from './api-call.ts'
import { type ClusterEvent, eventObject } from './event-object.ts'
import { Troubles } from './troubles.ts'

/** As long as the API server keeps an event. */
const repeatAfterMs = 3_600_000
const mostRemembered = 500
const mostWaiting = 50

export class ApiEvents {
  readonly #access: ApiAccess
  readonly #node: string
  readonly #troubles: Troubles
  readonly #now: () => number
  /** When an event was last sent, by all that makes it different from others; the oldest first. */
  readonly #sent = new Map<string, number>()
  readonly #waiting: ClusterEvent[] = []
  #isSending = false
  #sequence = 0

  constructor(access: ApiAccess, node: string, onTrouble: (problem: Problem) => void = () => {}, now = Date.now) {
    this.#access = access
    this.#node = node
    this.#troubles = new Troubles(onTrouble)
    this.#now = now
  }

  /** Returns at once and never throws. What was said within the hour is not said again; of a flood the later ones are lost. */
  send(event: ClusterEvent): void {
    const key = keyOf(event)
    const agoMs = this.#now() - (this.#sent.get(key) ?? Number.NEGATIVE_INFINITY)
    // Less than nothing: the clock was set back.
    if (agoMs >= 0 && agoMs < repeatAfterMs) return
    if (this.#waiting.length >= mostWaiting) return
    this.#remember(key)
    this.#waiting.push(event)
    if (!this.#isSending) void this.#sendWaiting()
  }

  async #sendWaiting(): Promise<void> {
    this.#isSending = true
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift()) await this.#post(event)
    this.#isSending = false
  }

  async #post(event: ClusterEvent): Promise<void> {
    const value = eventObject(event, this.#node, this.#now(), this.#sequence++)
    const path = `/apis/events.k8s.io/v1/namespaces/${value.metadata.namespace}/events`
    try {
      const answer = await call(this.#access, { method: 'POST', path, body: { type: 'application/json', value } })
      answer.resume()
      this.#troubles.end()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      this.#sent.delete(keyOf(event))
      this.#troubles.say(error)
    }
  }

  #remember(key: string): void {
    this.#sent.delete(key)
    this.#sent.set(key, this.#now())
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= mostRemembered) return
      this.#sent.delete(oldest)
    }
  }
}

const keyOf = ({ type, reason, note, regarding }: ClusterEvent): string =>
  JSON.stringify([type, reason, note, regarding])

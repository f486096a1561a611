// What the kernel said that it changed, kept in the socket until it is asked for.
import { closeSync } from 'node:fs'
import { hasCode } from '../problem.ts'
import { receiveNow } from '../sys/libc.ts'
import type { Reader } from './bytes.ts'
import { type Envelope, messages } from './message.ts'
import { subscribe } from './subscribe.ts'

export type Notification = Envelope & { readonly body: Reader }

const BUFFER_LENGTH = 65_536

export class Notifications implements Disposable {
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_LENGTH)

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Of all but what the holder of `deafTo`, a port, changes. */
  static open(protocol: number, groups: readonly number[], deafTo?: number): Notifications {
    return new Notifications(subscribe(protocol, groups, 1, deafTo))
  }

  /**
   * Hands over what came since the last time; never waits. Whoever made a change hears of it here as soon as the request is answered.
   * False where some was lost: then only reading everything tells what is.
   */
  drain(each: (notification: Notification) => void): boolean {
    let isComplete = true
    for (;;) {
      try {
        const received = receiveNow(this.#fd, this.#buffer)
        if (received === undefined) return isComplete
        const { length, sender } = received
        if (length > this.#buffer.length) isComplete = false
        // Any root process may send to our port; only the kernel is believed.
        else if (sender === 0) for (const message of messages(this.#buffer.subarray(0, length))) each(message)
      } catch (error) {
        // More came than the socket holds.
        if (!hasCode(error, 'ENOBUFS')) throw error
        isComplete = false
      }
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

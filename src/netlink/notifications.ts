// What the kernel said that it changed, kept in the socket until it is asked for.
import { closeSync } from 'node:fs'
import { receive } from '../sys/libc.ts'
import { SystemError } from '../sys/system-error.ts'
import type { Reader } from './bytes.ts'
import { type Envelope, messages } from './message.ts'
import { MSG_DONTWAIT, subscribe } from './subscribe.ts'

export type Notification = Envelope & { readonly body: Reader }

const BUFFER_LENGTH = 65_536

export class Notifications implements Disposable {
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_LENGTH)

  private constructor(fd: number) {
    this.#fd = fd
  }

  static open(protocol: number, groups: readonly number[]): Notifications {
    return new Notifications(subscribe(protocol, groups, 1))
  }

  /**
   * Hands over what came since the last time; never waits. Whoever made a change hears of it here as soon as the request is answered.
   * False where some was lost: then only reading everything tells what is.
   */
  drain(each: (notification: Notification) => void): boolean {
    let isComplete = true
    for (;;) {
      try {
        const { length, sender } = receive(this.#fd, this.#buffer, MSG_DONTWAIT)
        if (length > this.#buffer.length) isComplete = false
        // Any root process may send to our port; only the kernel is believed.
        else if (sender === 0) for (const message of messages(this.#buffer.subarray(0, length))) each(message)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        if (error.code === 'EAGAIN') return isComplete
        // More came than the socket holds.
        if (error.code !== 'ENOBUFS') throw error
        isComplete = false
      }
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

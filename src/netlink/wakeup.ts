// Wakes the event loop when the kernel changes something in groups of its own. What it was, Notifications say: this socket's messages are thrown away.
import { closeSync, read } from 'node:fs'
import { hasCode } from '../problem.ts'
import { receiveNow, send } from '../sys/libc.ts'
import { subscribe } from './subscribe.ts'

// A thread of libuv's pool waits in the socket, since Node.js cannot watch one that is netlink's. A process that exits without `dispose` waits for it this long.
const TIMEOUT_SECONDS = 2
const NLMSG_NOOP = 1
const NLM_F_REQUEST_ACK = 0x05

export class Wakeup implements Disposable {
  readonly #fd: number
  readonly #onWake: () => void
  readonly #pauseMs: number
  readonly #buffer = Buffer.alloc(64)
  #isReading = false
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  /** `onWake` is called at once, and not again for `pauseMs`: then once for all that came meanwhile. Not for what the holder of `deafTo`, a port, changes. */
  constructor(protocol: number, groups: readonly number[], pauseMs: number, onWake: () => void, deafTo?: number) {
    this.#fd = subscribe(protocol, groups, TIMEOUT_SECONDS, deafTo)
    this.#onWake = onWake
    this.#pauseMs = pauseMs
    this.#wait()
  }

  #wait(): void {
    this.#isReading = true
    read(this.#fd, this.#buffer, 0, this.#buffer.length, null, error => {
      this.#isReading = false
      if (this.#isOver) closeSync(this.#fd)
      else if (error?.code === 'EAGAIN') this.#wait()
      else this.#wake()
    })
  }

  #wake(): void {
    this.#empty()
    this.#timer = setTimeout(() => this.#wait(), this.#pauseMs)
    this.#onWake()
  }

  #empty(): void {
    for (;;) {
      try {
        if (receiveNow(this.#fd, this.#buffer) === undefined) return
      } catch (error) {
        if (!hasCode(error, 'ENOBUFS')) throw error
      }
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    // The thread that reads is the one to end: the kernel answers it.
    if (this.#isReading) send(this.#fd, noOperation())
    else closeSync(this.#fd)
  }
}

/** A message that asks for nothing but its acknowledgement. */
function noOperation(): Buffer {
  const message = Buffer.alloc(16)
  message.writeUInt32LE(message.length)
  message.writeUInt16LE(NLMSG_NOOP, 4)
  message.writeUInt16LE(NLM_F_REQUEST_ACK, 6)
  return message
}

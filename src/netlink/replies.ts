// One answer of the kernel, read to its end: which messages are ours, what they say, how it ends.
import type { Reader } from './bytes.ts'
import { messages } from './message.ts'
import { NetlinkError } from './netlink-error.ts'
import { verdict } from './verdict.ts'

const NLMSG_NOOP = 1
const NLMSG_OVERRUN = 4
const NLM_F_DUMP_INTR = 0x10
const EOVERFLOW = 75

export interface Question {
  readonly operation: string
  readonly sequence: number
}

export interface Datagram {
  readonly bytes: Uint8Array
  readonly sender: number
}

export interface Answer<T> {
  readonly values: T[]
  /** The kernel's tables changed while it read them out: the values do not belong together. */
  readonly isInterrupted: boolean
}

/** Receives until the answer ends. What others sent, and what is left of an earlier answer, is passed over. */
export function replies<T>(question: Question, receive: () => Datagram, read: (body: Reader) => T): Answer<T> {
  const { operation, sequence } = question
  const values: T[] = []
  let isInterrupted = false
  for (;;) {
    const { bytes, sender } = receive()
    // Any root process may send to our port; only the kernel is believed.
    if (sender !== 0) continue
    for (const message of messages(bytes)) {
      if (message.type === NLMSG_OVERRUN) throw new NetlinkError(operation, EOVERFLOW, sequence)
      if (message.sequence !== sequence || message.type === NLMSG_NOOP) continue
      isInterrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0
      const end = verdict(message)
      if (end === undefined) values.push(read(message.body))
      else if (end.errno === 0) return { values, isInterrupted }
      else throw new NetlinkError(operation, end.errno, sequence, end.reason)
    }
  }
}

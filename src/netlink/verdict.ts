// How the kernel ends an answer: NLMSG_ERROR (0 is the acknowledgement) or NLMSG_DONE, each with an errno and, after it, extended-ack attributes.
import type { Reader } from './bytes.ts'
import { attributes } from './codec.ts'
import { HEADER_LENGTH } from './message.ts'
import type { Reason } from './netlink-error.ts'
import { i32, text, u32 } from './scalar.ts'

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3

const NLM_F_CAPPED = 0x100
const NLM_F_ACK_TLVS = 0x200

const extendedAck = attributes({
  message: [1, text],
  offset: [2, u32],
  missingType: [5, u32],
})

export interface Verdict {
  readonly errno: number
  readonly reason: Reason
}

/** The verdict of a message, or undefined when it is not the last of its answer. */
export function verdict({ type, flags, body }: { type: number; flags: number; body: Reader }): Verdict | undefined {
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return undefined
  // Old kernels end a dump without an errno.
  const errno = body.remaining >= 4 ? -i32.read(body) : 0
  if (type === NLMSG_ERROR) {
    const length = u32.read(body)
    body.take(HEADER_LENGTH - 4)
    // A refusal may quote the request.
    if (errno !== 0 && (flags & NLM_F_CAPPED) === 0) body.take(Math.min(length - HEADER_LENGTH, body.remaining))
    body.align()
  }
  return { errno, reason: flags & NLM_F_ACK_TLVS ? extendedAck.read(body) : {} }
}

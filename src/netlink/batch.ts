// Several requests in one datagram, as nftables takes its transactions. The kernel has answered all of them by the time send returns.
import { hasCode } from '../problem.ts'
import { receiveNow, SOL_SOCKET, send, setSocketOption } from '../sys/libc.ts'
import { SystemError } from '../sys/system-error.ts'
import { Writer } from './bytes.ts'
import type { Codec } from './codec.ts'
import { append, messages } from './message.ts'
import { NetlinkError } from './netlink-error.ts'
import { verdict } from './verdict.ts'

const NLM_F_REQUEST = 0x01
const NLM_F_ACK = 0x04
const SO_SNDBUF = 7
const SO_SNDBUFFORCE = 32
// Half of what net.core.wmem_default is by default.
const LARGE = 106_496
const ETIMEDOUT = 110

export interface Request {
  readonly operation: string
  readonly type: number
  readonly flags: number
  // biome-ignore lint/suspicious/noExplicitAny: a batch mixes messages of every kind; whoever builds one ties the value to the codec.
  readonly codec: Codec<any>
  readonly value: unknown
}

export interface Socket {
  readonly fd: number
  readonly firstSequence: number
  readonly buffer: Buffer
}

/** What the kernel said no to. */
export interface Refusal {
  /** Which request of the batch. */
  readonly index: number
  readonly error: NetlinkError
}

/** In the order of the requests. The last that asks for an acknowledgement is answered last. */
export function sendBatch(socket: Socket, requests: readonly Request[]): Refusal[] {
  const { fd, firstSequence } = socket
  const bytes = encodeBatch(firstSequence, requests)
  if (bytes.length > LARGE) makeRoom(fd, bytes.length)
  send(fd, bytes)
  const last = requests.findLastIndex(({ flags }) => (flags & NLM_F_ACK) !== 0)
  const refusals: Refusal[] = []
  for (;;) {
    const datagram = nextAnswer(socket)
    if (datagram === undefined) break
    for (const message of messages(datagram)) {
      const index = message.sequence - firstSequence
      const request = requests[index]
      const end = verdict(message)
      // What is left of an earlier answer is passed over.
      if (request === undefined || end === undefined) continue
      const { errno, reason } = end
      if (errno !== 0)
        refusals.push({ index, error: new NetlinkError(request.operation, errno, message.sequence, reason) })
      if (index === last) return refusals
    }
  }
  // The rest did not fit into the socket, or was not looked at.
  if (refusals.length > 0) return refusals
  const operation = requests.map(request => request.operation).join(', ')
  throw new NetlinkError(operation, ETIMEDOUT, firstSequence, { message: 'the kernel did not answer' })
}

/** The bytes of a batch: the requests are numbered one after the other. */
export function encodeBatch(firstSequence: number, requests: readonly Request[]): Buffer {
  const to = new Writer()
  requests.forEach(({ type, flags, codec, value }, index) => {
    append(to, { type, flags: flags | NLM_F_REQUEST, sequence: firstSequence + index, port: 0 }, codec, value)
  })
  return to.finish()
}

/** Undefined when there is nothing more. */
function nextAnswer({ fd, buffer }: Socket): Uint8Array | undefined {
  for (;;) {
    try {
      const received = receiveNow(fd, buffer)
      if (received === undefined) return undefined
      // Any root process may send to our port; only the kernel is believed.
      if (received.sender === 0) return buffer.subarray(0, Math.min(received.length, buffer.length))
    } catch (error) {
      // Hundreds of refusals do not fit into the socket: the first of them do.
      if (!hasCode(error, 'ENOBUFS')) throw error
    }
  }
}

/** The kernel takes no datagram larger than the send buffer, and twice what is asked for as its size. */
function makeRoom(fd: number, length: number): void {
  const size = new Uint8Array(Uint32Array.of(length).buffer)
  try {
    setSocketOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, size)
  } catch (error) {
    // Root of a user namespace may ask only for as much as net.core.wmem_max.
    if (!(error instanceof SystemError && error.code === 'EPERM')) throw error
    setSocketOption(fd, SOL_SOCKET, SO_SNDBUF, size)
  }
}

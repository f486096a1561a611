// A netlink socket: ask, then read until the kernel has answered. Synchronous: the kernel has done the work by the time send returns.
import { closeSync } from 'node:fs'
import {
  AF_NETLINK,
  bind,
  localPort,
  MSG_PEEK,
  receive,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  send,
  setSocketOption,
  socket,
} from '../sys/libc.ts'
import { SystemError } from '../sys/system-error.ts'
import { type Refusal, type Request, sendBatch } from './batch.ts'
import type { Codec } from './codec.ts'
import { interfaceIndex, interfaceMtu } from './interface-request.ts'
import { encode } from './message.ts'
import { NetlinkError } from './netlink-error.ts'
import { type Answer, type Datagram, type Question, replies } from './replies.ts'

export const NETLINK_ROUTE = 0
export const NLM_F_REQUEST = 0x01
export const NLM_F_ACK = 0x04
export const NLM_F_DUMP = 0x300
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400

const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const EINTR = 4
const ETIMEDOUT = 110
const TIMEOUT_SECONDS = 5
// What the kernel itself takes as the largest piece of a dump: netlink_recvmsg, SKB_WITH_OVERHEAD(32768).
const BUFFER_LENGTH = 32_768
const DUMP_TRIES = 10

export interface ConnectionOptions {
  readonly timeoutSeconds?: number
  /** To begin with; it grows with the answers. */
  readonly bufferLength?: number
}

export class Connection {
  readonly #fd: number
  #sequence = 0
  #buffer: Buffer

  private constructor(fd: number, bufferLength: number) {
    this.#fd = fd
    // Neither zeroed nor from the pool: what no answer fills costs no memory.
    this.#buffer = Buffer.allocUnsafeSlow(bufferLength)
  }

  /** In the network namespace of the calling thread, for as long as it lives. */
  static open(protocol = NETLINK_ROUTE, options: ConnectionOptions = {}): Connection {
    const { timeoutSeconds = TIMEOUT_SECONDS, bufferLength = BUFFER_LENGTH } = options
    if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1) throw new Error('only little-endian hosts are supported')
    const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
    try {
      setSocketOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(timeoutSeconds))
      for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) turnOn(fd, option)
      return new Connection(fd, bufferLength)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** What the kernel's announcements of our own changes carry. */
  get port(): number {
    // The kernel binds what sends. A plugin's call asks nobody's port, and saves looking up two functions.
    if (localPort(this.#fd) === 0) bind(this.#fd)
    return localPort(this.#fd)
  }

  /** Asks for a change, and waits until it is made. */
  request<T>(operation: string, type: number, flags: number, codec: Codec<T>, value: T): void {
    // A bare acknowledgement (NETLINK_CAP_ACK) is short, and one that was cut could not be asked for again.
    this.#ask(operation, type, flags | NLM_F_ACK, codec, value, { mayBeLong: false })
  }

  /** Asks for one object. */
  get<T>(operation: string, type: number, codec: Codec<T>, value: T): T {
    const { values } = this.#ask(operation, type, NLM_F_ACK, codec, value)
    const [found] = values
    if (found === undefined) throw new TypeError(`${operation}: acknowledged without an answer`)
    return found
  }

  /** Asks for every object, as they all were at one moment: a table that changes meanwhile is read again. */
  dump<T>(operation: string, type: number, codec: Codec<T>, value: T): T[] {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const { values, isInterrupted } = this.#ask(operation, type, NLM_F_DUMP, codec, value)
      if (!isInterrupted) return values
    }
    const message = `the kernel's table changed during each of ${DUMP_TRIES} readings`
    throw new NetlinkError(operation, EINTR, this.#sequence, { message })
  }

  /** Sends several requests in one datagram; those that matter must ask for an acknowledgement. Returns what the kernel refused. */
  batch(requests: readonly Request[]): Refusal[] {
    const firstSequence = this.#sequence + 1
    this.#sequence += requests.length
    return sendBatch({ fd: this.#fd, firstSequence, buffer: this.#buffer }, requests)
  }

  /** Undefined where this namespace has no interface of that name. */
  indexOf(name: string): number | undefined {
    return interfaceIndex(this.#fd, name)
  }

  mtuOf(index: number): number {
    return interfaceMtu(this.#fd, index)
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }

  #ask<T>(
    operation: string,
    type: number,
    flags: number,
    codec: Codec<T>,
    value: T,
    { mayBeLong = true } = {},
  ): Answer<T> {
    this.#sequence = (this.#sequence + 1) >>> 0
    const question = { operation, sequence: this.#sequence }
    send(this.#fd, encode({ type, flags: flags | NLM_F_REQUEST, sequence: question.sequence, port: 0 }, codec, value))
    return replies(
      question,
      () => this.#receive(question, mayBeLong),
      body => codec.read(body),
    )
  }

  #receive({ operation, sequence }: Question, mayBeLong: boolean): Datagram {
    try {
      if (mayBeLong) this.#makeRoom()
      const { length, sender } = receive(this.#fd, this.#buffer)
      if (length > this.#buffer.length) throw new RangeError(`${operation}: a datagram of ${length} bytes was cut`)
      return { bytes: this.#buffer.subarray(0, length), sender }
    } catch (error) {
      if (!(error instanceof SystemError && error.code === 'EAGAIN')) throw error
      throw new NetlinkError(operation, ETIMEDOUT, sequence, { message: 'the kernel did not answer' }, error)
    }
  }

  #makeRoom(): void {
    const { length } = receive(this.#fd, this.#buffer.subarray(0, 0), MSG_PEEK)
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length)
  }
}

/** Old kernels lack some of these options, and work without. */
function turnOn(fd: number, option: number): void {
  try {
    setSocketOption(fd, SOL_NETLINK, option, Uint8Array.of(1, 0, 0, 0))
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ENOPROTOOPT')) throw error
  }
}

function timeval(seconds: number): Uint8Array {
  const value = new Uint8Array(16)
  const view = new DataView(value.buffer)
  view.setBigInt64(0, BigInt(Math.trunc(seconds)), true)
  view.setBigInt64(8, BigInt(Math.round((seconds % 1) * 1e6)), true)
  return value
}

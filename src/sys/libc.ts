// The few libc calls that we make. Each is synchronous; a failure is a SystemError. The foreign function interface is loaded at the first call.
import type { Backend, BackendName } from './backend.ts'
import { ffiNapi } from './ffi-napi.ts'
import { nodeFfi } from './node-ffi.ts'
import { SystemError } from './system-error.ts'

export const AF_NETLINK = 16
export const SOCK_RAW = 3
export const SOCK_CLOEXEC = 0o2000000
export const SOL_SOCKET = 1
export const SO_RCVTIMEO = 20
export const MSG_PEEK = 0x02
export const MSG_TRUNC = 0x20
export const CLONE_NEWNET = 0x40000000
export const LOCK_EX = 2
export const LOCK_NB = 4
export const LOCK_UN = 8

const EINTR = 4
const EAGAIN = 11
const MSG_DONTWAIT = 0x40
const SO_ATTACH_FILTER = 26
const SOCK_FILTER_LENGTH = 8
const NS_GET_NSTYPE = 0xb703
const SOCKADDR_NL_LENGTH = 12

let chosen: Backend | undefined

const libc = (): Backend => {
  chosen ??= nodeFfi() ?? ffiNapi()
  return chosen
}

export const backend = (): BackendName => libc().name

/** Takes another backend than the one that this Node.js would get: what works on both is tried on both. */
export function chooseBackend(name: BackendName): void {
  const backend = name === 'node:ffi' ? nodeFfi() : ffiNapi()
  if (backend === undefined) throw new Error(`${name} is not in Node.js ${process.versions.node}`)
  chosen = backend
}

export const socket = (domain: number, type: number, protocol: number): number =>
  call('socket', c => c.socket(domain, type, protocol), `family ${domain}, protocol ${protocol}`)

/** Binds a netlink socket: the kernel chooses its port. */
export const bind = (fd: number): void => {
  call('bind', c => c.bind(fd, netlinkAddress()), fd)
}

export const setSocketOption = (fd: number, level: number, option: number, value: Uint8Array): void => {
  call('setsockopt', c => c.setsockopt(fd, level, option, value), fd)
}

/** From now on the socket gets what this program of the classic BPF lets through: linux/filter.h, struct sock_fprog. */
export function attachFilter(fd: number, program: Uint8Array): void {
  const pointer = Buffer.alloc(16)
  pointer.writeUInt16LE(program.length / SOCK_FILTER_LENGTH)
  pointer.writeBigUInt64LE(libc().addressOf(program), 8)
  setSocketOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, pointer)
}

/** The port that the kernel chose for a netlink socket. */
export function localPort(fd: number): number {
  const address = netlinkAddress()
  call('getsockname', c => c.getsockname(fd, address, lengthOf(address)), fd)
  return address.readUInt32LE(4)
}

export const send = (fd: number, bytes: Uint8Array): void => {
  call('send', c => c.send(fd, bytes, 0), fd)
}

export interface Received {
  /** Its real length, however little of it there was room for. */
  readonly length: number
  /** 0 is the kernel. */
  readonly sender: number
}

/** Reads one datagram. */
export function receive(fd: number, into: Uint8Array, flags = 0): Received {
  const address = netlinkAddress()
  const length = call('recvfrom', c => c.recvfrom(fd, into, flags | MSG_TRUNC, address, lengthOf(address)), fd)
  return { length, sender: address.readUInt32LE(4) }
}

/** The same without waiting: undefined where nothing is there. */
export function receiveNow(fd: number, into: Uint8Array): Received | undefined {
  const address = netlinkAddress()
  const flags = MSG_DONTWAIT | MSG_TRUNC
  const length = call('recvfrom', c => c.recvfrom(fd, into, flags, address, lengthOf(address)), fd, EAGAIN)
  return length < 0 ? undefined : { length, sender: address.readUInt32LE(4) }
}

export const setns = (fd: number, type: number): void => {
  call('setns', c => c.setns(fd, type), fd)
}

/** Some requests write into their argument. */
export const ioctl = (name: string, fd: number, request: number, argument: Uint8Array): number =>
  call(`ioctl ${name}`, c => c.ioctl(fd, request, argument), fd)

/** The same, for where a failure is as usual an answer as any: then the errno, negative, and no error is made. */
export function ioctlOrErrno(fd: number, request: number, argument: Uint8Array): number {
  const c = libc()
  const result = c.ioctl(fd, request, argument)
  return result < 0 ? -c.errno() : result
}

/** CLONE_NEWNET for a network namespace; ENOTTY for a file that is no namespace. */
export const namespaceType = (fd: number): number => ioctl('NS_GET_NSTYPE', fd, NS_GET_NSTYPE, new Uint8Array(0))

/** For the whole process. The working directory stays where it is, and so is a way back. */
export const chroot = (path: string): void => {
  call('chroot', c => c.chroot(Buffer.from(`${path}\0`)), path)
}

export const flock = (fd: number, operation: number): void => {
  call('flock', c => c.flock(fd, operation), fd)
}

/** The errno that is as usual an answer as any comes back negative: no error is made of it. */
function call(name: string, run: (c: Backend) => number, on: number | string, usual?: number): number {
  const c = libc()
  for (;;) {
    const result = run(c)
    if (result >= 0) return result
    const errno = c.errno()
    if (errno === usual) return -errno
    // A signal ends a receive that has a timeout even where handlers restart calls: signal(7).
    if (errno !== EINTR) throw new SystemError(name, typeof on === 'number' ? `fd ${on}` : on, errno)
  }
}

/** struct sockaddr_nl, all zero but the family: to bind, "any port"; to send, the kernel. */
function netlinkAddress(): Buffer {
  const address = Buffer.alloc(SOCKADDR_NL_LENGTH)
  address.writeUInt16LE(AF_NETLINK)
  return address
}

const lengthOf = (address: Uint8Array): Uint8Array => Uint8Array.of(address.length, 0, 0, 0)

// What a foreign function interface must offer: libc's calls as libc has them, −1 for a failure, and the errno of the last one.

export type BackendName = 'node:ffi' | 'ffi-napi'

export interface Backend {
  readonly name: BackendName
  readonly errno: () => number
  /** Where in memory these are: for structures that point to others. */
  readonly addressOf: (bytes: Uint8Array) => bigint
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly bind: (fd: number, address: Uint8Array) => number
  readonly getsockname: (fd: number, address: Uint8Array, length: Uint8Array) => number
  readonly setsockopt: (fd: number, level: number, option: number, value: Uint8Array) => number
  readonly send: (fd: number, bytes: Uint8Array, flags: number) => number
  readonly recvfrom: (fd: number, into: Uint8Array, flags: number, address: Uint8Array, length: Uint8Array) => number
  readonly setns: (fd: number, type: number) => number
  readonly chroot: (path: Uint8Array) => number
  readonly flock: (fd: number, operation: number) => number
  readonly ioctl: (fd: number, request: number, argument: Uint8Array) => number
}

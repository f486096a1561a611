// libc through the maintained forks of ffi-napi and ref-napi: for Node.js 24, which has no node:ffi. 20 ms to load.
import type { Backend } from './backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the signatures below say which arguments each takes; Backend types what leaves this file.
type Library = Record<string, (...args: any[]) => any>
type FfiNapi = { Library(path: null, signatures: Record<string, [returns: unknown, takes: unknown[]]>): Library }
type RefNapi = {
  address(bytes: Buffer): number
  refType(type: unknown): unknown
  types: Record<'int' | 'long' | 'ulong' | 'size_t' | 'void', unknown>
}

export function ffiNapi(): Backend {
  // Not imported: it would be loaded where node:ffi is used as well.
  const { createRequire } = process.getBuiltinModule('node:module')
  const require = createRequire(import.meta.url)
  const { Library } = require('ffi-napi') as FfiNapi
  const { address, refType, types } = require('ref-napi') as RefNapi
  const { int, long, ulong, size_t: size } = types
  const pointer = refType(types.void)
  const c = Library(null, {
    __errno_location: [refType(int), []],
    socket: [int, [int, int, int]],
    bind: [int, [int, pointer, int]],
    getsockname: [int, [int, pointer, pointer]],
    setsockopt: [int, [int, int, int, pointer, int]],
    send: [long, [int, pointer, size, int]],
    recvfrom: [long, [int, pointer, size, int, pointer, pointer]],
    setns: [int, [int, int]],
    chroot: [int, [pointer]],
    flock: [int, [int, int]],
    ioctl: [int, [int, ulong, pointer]],
  }) as Record<keyof Omit<Backend, 'name' | 'errno' | 'addressOf'> | '__errno_location', Library[string]>
  const place: Buffer = c.__errno_location()
  const at = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    name: 'ffi-napi',
    errno: () => place.readInt32LE(),
    addressOf: bytes => BigInt(address(at(bytes))),
    socket: c.socket,
    bind: (fd, address) => c.bind(fd, at(address), address.length),
    getsockname: (fd, address, length) => c.getsockname(fd, at(address), at(length)),
    setsockopt: (fd, level, option, value) => c.setsockopt(fd, level, option, at(value), value.length),
    send: (fd, bytes, flags) => Number(c.send(fd, at(bytes), bytes.length, flags)),
    recvfrom: (fd, into, flags, address, length) =>
      Number(c.recvfrom(fd, at(into), into.length, flags, at(address), at(length))),
    setns: c.setns,
    chroot: path => c.chroot(at(path)),
    flock: c.flock,
    ioctl: (fd, request, argument) => c.ioctl(fd, request, at(argument)),
  }
}

// libc through node:ffi, which Node.js has from 26.1 on. Absent elsewhere, so it is asked for and never imported.
import type { Backend } from './backend.ts'

export function nodeFfi(): Backend | undefined {
  const ffi = process.getBuiltinModule('node:ffi') as typeof import('node:ffi') | undefined
  if (ffi === undefined) return undefined
  const libc = new ffi.DynamicLibrary(null)
  // Each thread has its own errno at a place of its own; reading memory, unlike another call, cannot change it.
  const place = libc.getFunction('__errno_location', { arguments: [], return: 'pointer' })()
  // Looked up at the first call: each takes 50 µs, and a call that only takes a lock needs no sockets.
  const socket = once(() => libc.getFunction('socket', { arguments: ['int32', 'int32', 'int32'], return: 'int32' }))
  const bind = once(() => libc.getFunction('bind', { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' }))
  const getsockname = once(() =>
    libc.getFunction('getsockname', { arguments: ['int32', 'buffer', 'buffer'], return: 'int32' }),
  )
  const setsockopt = once(() =>
    libc.getFunction('setsockopt', { arguments: ['int32', 'int32', 'int32', 'buffer', 'uint32'], return: 'int32' }),
  )
  const send = once(() =>
    libc.getFunction('send', { arguments: ['int32', 'buffer', 'uint64', 'int32'], return: 'int64' }),
  )
  const recvfrom = once(() =>
    libc.getFunction('recvfrom', {
      arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'buffer'],
      return: 'int64',
    }),
  )
  const setns = once(() => libc.getFunction('setns', { arguments: ['int32', 'int32'], return: 'int32' }))
  const chroot = once(() => libc.getFunction('chroot', { arguments: ['buffer'], return: 'int32' }))
  const flock = once(() => libc.getFunction('flock', { arguments: ['int32', 'int32'], return: 'int32' }))
  const ioctl = once(() => libc.getFunction('ioctl', { arguments: ['int32', 'uint64', 'buffer'], return: 'int32' }))
  return {
    name: 'node:ffi',
    errno: () => ffi.getInt32(place),
    addressOf: bytes => ffi.getRawPointer(bytes),
    socket: (domain, type, protocol) => socket()(domain, type, protocol),
    bind: (fd, address) => bind()(fd, address, address.length),
    getsockname: (fd, address, length) => getsockname()(fd, address, length),
    setsockopt: (fd, level, option, value) => setsockopt()(fd, level, option, value, value.length),
    send: (fd, bytes, flags) => Number(send()(fd, bytes, BigInt(bytes.length), flags)),
    recvfrom: (fd, into, flags, address, length) =>
      Number(recvfrom()(fd, into, BigInt(into.length), flags, address, length)),
    setns: (fd, type) => setns()(fd, type),
    chroot: path => chroot()(path),
    flock: (fd, operation) => flock()(fd, operation),
    ioctl: (fd, request, argument) => ioctl()(fd, BigInt(request), argument),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

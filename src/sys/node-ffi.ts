// libc through node:ffi, which Node.js has from 26.1 on. Absent elsewhere, so it is asked for and never imported.
import type { Backend } from './backend.ts'

export function nodeFfi(): Backend | undefined {
  const ffi = process.getBuiltinModule('node:ffi') as typeof import('node:ffi') | undefined
  if (ffi === undefined) return undefined
  const { functions: c } = ffi.dlopen(null, {
    __errno_location: { arguments: [], return: 'pointer' },
    socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
    bind: { arguments: ['int32', 'buffer', 'uint32'], return: 'int32' },
    getsockname: { arguments: ['int32', 'buffer', 'buffer'], return: 'int32' },
    setsockopt: { arguments: ['int32', 'int32', 'int32', 'buffer', 'uint32'], return: 'int32' },
    send: { arguments: ['int32', 'buffer', 'uint64', 'int32'], return: 'int64' },
    recvfrom: { arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'buffer'], return: 'int64' },
    setns: { arguments: ['int32', 'int32'], return: 'int32' },
    flock: { arguments: ['int32', 'int32'], return: 'int32' },
    ioctl: { arguments: ['int32', 'uint64'], return: 'int32' },
  })
  // Each thread has its own errno at a place of its own; reading memory, unlike another call, cannot change it.
  const place = c.__errno_location()
  return {
    name: 'node:ffi',
    errno: () => ffi.getInt32(place),
    socket: c.socket,
    bind: (fd, address) => c.bind(fd, address, address.length),
    getsockname: c.getsockname,
    setsockopt: (fd, level, option, value) => c.setsockopt(fd, level, option, value, value.length),
    send: (fd, bytes, flags) => Number(c.send(fd, bytes, BigInt(bytes.length), flags)),
    recvfrom: (fd, into, flags, address, length) =>
      Number(c.recvfrom(fd, into, BigInt(into.length), flags, address, length)),
    setns: c.setns,
    flock: c.flock,
    ioctl: (fd, request) => c.ioctl(fd, BigInt(request)),
  }
}

// netdevice(7) · struct ifreq of linux/if.h. One number of an interface: a tenth of what RTM_GETLINK and its fifty attributes take.
import { ioctl, ioctlOrErrno } from '../sys/libc.ts'
import { SystemError } from '../sys/system-error.ts'

const SIOCGIFNAME = 0x8910
const SIOCGIFMTU = 0x8921
const SIOCGIFINDEX = 0x8933
const ENODEV = 19
const LENGTH = 40
const VALUE = 16

/** Undefined where the socket's namespace has no interface of that name. */
export function interfaceIndex(fd: number, name: string): number | undefined {
  const request = Buffer.alloc(LENGTH)
  request.write(name, 0, VALUE - 1)
  const result = ioctlOrErrno(fd, SIOCGIFINDEX, request)
  if (result === 0) return request.readInt32LE(VALUE)
  if (result === -ENODEV) return undefined
  throw new SystemError('ioctl SIOCGIFINDEX', name, -result)
}

export function interfaceMtu(fd: number, index: number): number {
  const request = Buffer.alloc(LENGTH)
  request.writeInt32LE(index, VALUE)
  // The name comes first in the same place, and is all that the next request needs.
  ioctl('SIOCGIFNAME', fd, SIOCGIFNAME, request)
  ioctl('SIOCGIFMTU', fd, SIOCGIFMTU, request)
  return request.readInt32LE(VALUE)
}

// A netlink socket that hears what changes in groups of the kernel's: rtnetlink(7), RTNLGRP_*.

import { closeSync } from 'node:fs'
import {
  AF_NETLINK,
  bind,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  setSocketOption,
  socket,
} from '../sys/libc.ts'
import { SystemError } from '../sys/system-error.ts'

const SOL_NETLINK = 270
const NETLINK_ADD_MEMBERSHIP = 1
const SO_RCVBUFFORCE = 33
// Some thousand announcements, which take far more room than they have bytes.
const ROOM = 4 << 20

export const MSG_DONTWAIT = 0x40

/** The file descriptor of a socket that is in all of these groups, of the calling thread's namespace. */
export function subscribe(protocol: number, groups: readonly number[], timeoutSeconds: number): number {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  try {
    // struct timeval
    const timeval = new Uint8Array(BigInt64Array.of(BigInt(timeoutSeconds), 0n).buffer)
    setSocketOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeval)
    makeRoom(fd)
    bind(fd)
    for (const group of groups) {
      setSocketOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, new Uint8Array(Uint32Array.of(group).buffer))
    }
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function makeRoom(fd: number): void {
  try {
    setSocketOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, new Uint8Array(Uint32Array.of(ROOM).buffer))
  } catch (error) {
    // Root of a user namespace has what is usual, and hears more often that some was lost.
    if (!(error instanceof SystemError && error.code === 'EPERM')) throw error
  }
}

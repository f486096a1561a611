// A netlink socket that hears what changes in groups of the kernel's: rtnetlink(7), RTNLGRP_*.

import { closeSync } from 'node:fs'
import {
  AF_NETLINK,
  attachFilter,
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
// linux/bpf_common.h: BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ | BPF_K, BPF_RET | BPF_K
const LOAD_WORD = 0x20
const JUMP_IF_EQUAL = 0x15
const RETURN = 0x06
// Some thousand announcements, which take far more room than they have bytes.
const ROOM = 4 << 20

/** The file descriptor of a socket that is in all of these groups, of the calling thread's namespace. It hears nothing of what the holder of `deafTo`, a port, changes. */
export function subscribe(
  protocol: number,
  groups: readonly number[],
  timeoutSeconds: number,
  deafTo?: number,
): number {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  try {
    // struct timeval
    const timeval = new Uint8Array(BigInt64Array.of(BigInt(timeoutSeconds), 0n).buffer)
    setSocketOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeval)
    makeRoom(fd)
    if (deafTo !== undefined) attachFilter(fd, allBut(deafTo))
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

/** Classic BPF: what this port asked for is dropped before it is queued. Thousands of own changes are nothing to read. */
function allBut(port: number): Uint8Array {
  const program = Buffer.alloc(32)
  const instructions = [
    // nlmsg_pid, as a number in network order.
    [LOAD_WORD, 0, 0, 12],
    [JUMP_IF_EQUAL, 0, 1, swapped(port)],
    [RETURN, 0, 0, 0],
    [RETURN, 0, 0, 0xffff_ffff],
  ] as const
  for (const [at, [code, ifTrue, ifFalse, operand]] of instructions.entries()) {
    program.writeUInt16LE(code, at * 8)
    program.writeUInt8(ifTrue, at * 8 + 2)
    program.writeUInt8(ifFalse, at * 8 + 3)
    program.writeUInt32LE(operand, at * 8 + 4)
  }
  return program
}

function swapped(port: number): number {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(port)
  return bytes.readUInt32BE()
}

function makeRoom(fd: number): void {
  try {
    setSocketOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, new Uint8Array(Uint32Array.of(ROOM).buffer))
  } catch (error) {
    // Root of a user namespace has what is usual, and hears more often that some was lost.
    if (!(error instanceof SystemError && error.code === 'EPERM')) throw error
  }
}

// host-local's lock on a directory of reservations: flock(2) on its file `lock`. The wait for it is bounded.
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeDirectory } from '../make-directory.ts'
import { hasCode, Problem } from '../problem.ts'
import { flock, LOCK_EX, LOCK_NB } from '../sys/libc.ts'
import { lockHolder } from './lock-holder.ts'

/** Runs `work`, which must be synchronous, while holding the lock. */
export async function withLock<T>(directory: string, timeoutMs: number, work: () => T): Promise<T> {
  const path = `${directory}/lock`
  const fd = openLock(path)
  try {
    const deadline = process.hrtime.bigint() + BigInt(timeoutMs) * 1_000_000n
    while (!isLocked(fd)) {
      if (process.hrtime.bigint() > deadline) throw held(path, fd, timeoutMs)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    return work()
  } finally {
    closeSync(fd) // and so unlocks
  }
}

/** Opens the lock, and makes it and its directory where they are missing. */
export function openLock(path: string): number {
  try {
    return openSync(path, 'a+', 0o750)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    makeDirectory(dirname(path))
    return openSync(path, 'a+', 0o750)
  }
}

function isLocked(fd: number): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB)
    return true
  } catch (error) {
    if (!hasCode(error, 'EAGAIN', 'EWOULDBLOCK')) throw error
    return false
  }
}

function held(path: string, fd: number, timeoutMs: number): Problem {
  const holder = lockHolder(fd)
  const whose = holder === undefined ? 'by another process' : `by process ${holder}`
  const way = 'try again; if it stays, end that process'
  return new Problem('LOCK_HELD', `the lock ${path} has been held ${whose} for more than ${timeoutMs} ms: ${way}`)
}

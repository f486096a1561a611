// One installation at a time on a node: flock(2) on the folder itself, which a killed holder lets go.
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode, Problem } from '../problem.ts'
import { flock, LOCK_EX, LOCK_NB } from '../sys/libc.ts'

const TIMEOUT_MS = 60_000
const PAUSE_MS = 20

export async function whileLocked<T>(folder: string, work: () => T | Promise<T>): Promise<T> {
  const fd = openSync(folder, 'r')
  try {
    const deadline = performance.now() + TIMEOUT_MS
    while (!isLocked(fd)) {
      if (performance.now() > deadline) {
        const way = 'wait for it, or end it'
        throw new Problem('LOCK_HELD', `another installation has been at work in ${folder} for a minute: ${way}`)
      }
      await sleep(PAUSE_MS)
    }
    return await work()
  } finally {
    closeSync(fd)
  }
}

function isLocked(fd: number): boolean {
  try {
    flock(fd, LOCK_EX | LOCK_NB)
    return true
  } catch (error) {
    if (!hasCode(error, 'EAGAIN')) throw error
    return false
  }
}

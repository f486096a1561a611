// Takes away releases that nothing starts any more, and what interrupted installations left.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { currentRelease, entriesIn, FOLDER, isRelease, isUnfinished, switchedAt } from './layout.ts'

/** A call that began on the old release may still look for its library: it has this long. */
const GRACE_MS = 60_000

/** Under the lock. What stays because it was in use a moment ago goes the next time. */
export function sweep(to: string, now: number = Date.now()): void {
  const current = currentRelease(to)
  const isSettled = current !== undefined && Math.abs(now - switchedAt(to)) > GRACE_MS
  for (const entry of entriesIn(to)) {
    const isOld = isRelease(entry) ? entry.name !== current : current !== undefined
    if (isUnfinished(entry) || (isOld && isSettled))
      rmSync(join(to, FOLDER, entry.name), { recursive: true, force: true })
  }
}

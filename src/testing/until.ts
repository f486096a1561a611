// Waits for what happens by itself; fails readable where it does not.
import { setTimeout as wait } from 'node:timers/promises'

export async function until(holds: () => unknown, timeoutMs = 10_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !holds(); await wait(5)) {
    if (Date.now() > end) throw new Error(`after ${timeoutMs / 1000} s not yet: ${holds}`)
  }
}

// A network namespace for one test, gone with it however it ends.
import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'

interface Test {
  teardown(undo: () => void): void
}

const TIMEOUT_MS = 5000

/** The path of a new network namespace, held by a sleeping process that dies with this one. */
export function throwAwayNamespace(t: Test): string {
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', 'sleep', 'infinity'], { stdio: 'ignore' })
  t.teardown(() => void holder.kill('SIGKILL'))
  const path = `/proc/${holder.pid}/ns/net`
  const ours = readlinkSync('/proc/self/ns/net')
  const end = Date.now() + TIMEOUT_MS
  // Synchronously: a test may be about to forbid itself an await.
  while (readlinkSync(path) === ours) {
    if (Date.now() > end) throw new Error('unshare --net did not start')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
  }
  return path
}

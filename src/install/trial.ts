// The executable, started once where it lies, as a runtime would: what cannot start there must not take the old one's place.
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { Problem } from '../problem.ts'
import { chroot } from '../sys/libc.ts'

/** The first start reads 100 MB from a disk that may be slow. */
const TIMEOUT_MS = 60_000

/** `root` is where the node's own root is mounted: what it starts finds the node's libraries, and no other. */
export function tryOut(executable: string, root: string): void {
  const start = (path: string) =>
    spawnSync(path, { cwd: '/', env: { CNI_COMMAND: 'VERSION' }, encoding: 'utf8', timeout: TIMEOUT_MS })
  const { error, status, signal, stdout, stderr } =
    root === '/' ? start(executable) : inRoot(root, () => start(`/${relative(root, executable)}`))
  const why = error?.message ?? (signal ? `it was ended by ${signal}` : complaint(status, stdout, stderr))
  if (why === undefined) return
  const message = `the new executable does not start on this node, so the old one stays: ${why}`
  throw new Problem('EXECUTABLE_FAILED', message, stderr?.trim(), error)
}

function complaint(status: number | null, stdout: string, stderr: string): string | undefined {
  if (status !== 0) return `exit ${status}, ${stderr.trim() || stdout.trim() || 'without a word'}`
  return stdout.includes('"supportedVersions"') ? undefined : `asked for VERSION, it said ${JSON.stringify(stdout)}`
}

/** The working directory, left outside, is the way back: chroot(2). */
function inRoot<T>(root: string, work: () => T): T {
  const before = process.cwd()
  process.chdir('/')
  enter(root)
  try {
    return work()
  } finally {
    chroot('.')
    process.chdir(before)
  }
}

function enter(root: string): void {
  try {
    chroot(root)
  } catch (error) {
    const way = 'give the container the capability SYS_CHROOT, or leave --root out and it is started where it is'
    const why = error instanceof Error ? error.message : error
    throw new Problem('EXECUTABLE_FAILED', `the new executable cannot be tried out in the node's root: ${why}: ${way}`)
  }
}

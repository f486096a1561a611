// Which process holds a file locked: proc_locks(5).
import { fstatSync, readFileSync } from 'node:fs'

/** Undefined where the kernel does not tell, as on file systems whose files have other numbers there, or from within a pid namespace. */
export function lockHolder(fd: number): number | undefined {
  const { dev, ino } = fstatSync(fd, { bigint: true })
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  const file = `${twoDigits(major)}:${twoDigits(minor)}:${ino}`
  const line = locks().find(line => line.includes(' FLOCK ') && line.includes(` ${file} `) && !line.includes('->'))
  const pid = Number(line?.trim().split(/\s+/)[4])
  return pid > 0 ? pid : undefined
}

const twoDigits = (number: bigint): string => number.toString(16).padStart(2, '0')

function locks(): string[] {
  try {
    return readFileSync('/proc/locks', 'utf8').split('\n')
  } catch {
    return []
  }
}

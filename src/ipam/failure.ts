// A directory of reservations that cannot be read or written, as a problem that names it and says what to do.
import { Problem } from '../problem.ts'

const wayOut: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space there',
  EDQUOT: 'free some space there',
  EROFS: 'make it writable, or name another directory in ipam.dataDir',
  EACCES: 'run as root, or name another directory in ipam.dataDir',
  EPERM: 'run as root on a file system that has hard links, or name another directory in ipam.dataDir',
  ENOTDIR: 'something else stands where a directory must be: remove it, or name another one in ipam.dataDir',
  EEXIST: 'something else stands where a directory must be: remove it, or name another one in ipam.dataDir',
}

/** What the file system refused becomes a Problem; any other error stays what it is. */
export function explained(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const way = wayOut[String(error.code)] ?? 'look at the file system there'
  return new Problem(
    'INPUT_OUTPUT',
    `the reservations in ${directory} cannot be kept: ${error.message}; ${way}`,
    '',
    error,
  )
}

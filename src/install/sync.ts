// Files and folders to the disk.
import { closeSync, fsync, openSync } from 'node:fs'
import { promisify } from 'node:util'

const write = promisify(fsync)

/** Opened at once: by the time that the disk has them, another root may be this process's. */
export async function sync(...paths: readonly string[]): Promise<void> {
  const fds: number[] = []
  try {
    for (const path of paths) fds.push(openSync(path, 'r'))
    await Promise.all(fds.map(fd => write(fd)))
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

// The files that make one release: the executable, and what lies in podwire.d beside it.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, Problem } from '../problem.ts'
import { EXECUTABLE, FOLDER, statsOf } from './layout.ts'

export interface PackageFiles {
  readonly folder: string
  /** Relative to the folder. */
  readonly files: readonly string[]
  readonly bytes: number
}

const PIECE = 1 << 20

export function packageFiles(folder: string): PackageFiles {
  if (statsOf(join(folder, EXECUTABLE)) === undefined) {
    const message = `${folder} has no ${EXECUTABLE} to install: call the built executable itself (npm run build makes dist/${EXECUTABLE})`
    throw new Problem('INPUT_OUTPUT', message)
  }
  const files = [EXECUTABLE, ...libraries(folder)]
  return { folder, files, bytes: files.reduce((sum, file) => sum + (statsOf(join(folder, file))?.size ?? 0), 0) }
}

/** False also where they cannot be read. */
export function hasSameFiles(source: PackageFiles, folder: string): boolean {
  try {
    const { files, bytes } = packageFiles(folder)
    const isAlike = bytes === source.bytes && files.join() === source.files.join()
    return isAlike && files.every(file => isSame(join(source.folder, file), join(folder, file)))
  } catch {
    return false
  }
}

function libraries(folder: string): string[] {
  try {
    const entries = readdirSync(join(folder, FOLDER), { withFileTypes: true })
    const files = entries.filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    return files.map(({ name }) => join(FOLDER, name)).toSorted()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

function isSame(one: string, other: string): boolean {
  const fds = [openSync(one, 'r'), openSync(other, 'r')] as const
  const [mine, theirs] = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)]
  try {
    for (;;) {
      const length = readSync(fds[0], mine)
      // Of a file on a disk, as much as is asked for comes at once.
      if (readSync(fds[1], theirs) !== length || mine.compare(theirs, 0, length, 0, length) !== 0) return false
      if (length === 0) return true
    }
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

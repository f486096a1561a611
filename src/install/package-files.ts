// The files that make one release: the executable, and what lies in podwire.d beside it.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, Problem } from '../problem.ts'
import { EXECUTABLE, FOLDER, statsOf } from './layout.ts'

export interface PackageFiles {
  readonly folder: string
  /** Relative to the folder. */
  readonly files: readonly string[]
  readonly bytes: number
  /** Of names and contents. */
  readonly digest: string
}

const DIGEST_LENGTH = 12
const PIECE = 1 << 20

export function packageFiles(folder: string): PackageFiles {
  const files = [EXECUTABLE, ...libraries(folder)]
  try {
    const bytes = files.reduce((sum, file) => sum + (statsOf(join(folder, file))?.size ?? 0), 0)
    return { folder, files, bytes, digest: digestOf(folder, files) }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    const message = `${folder} has no ${EXECUTABLE} to install: call the built executable itself (npm run build makes dist/${EXECUTABLE})`
    throw new Problem('INPUT_OUTPUT', message, '', error)
  }
}

/** False also where it cannot be read. */
export function hasDigest(folder: string, digest: string): boolean {
  try {
    return packageFiles(folder).digest === digest
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

function digestOf(folder: string, files: readonly string[]): string {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(PIECE)
  for (const file of files) {
    hash.update(`${file}\0`)
    const fd = openSync(join(folder, file), 'r')
    try {
      for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece))
        hash.update(piece.subarray(0, length))
    } finally {
      closeSync(fd)
    }
  }
  return hash.digest('hex').slice(0, DIGEST_LENGTH)
}

// A file that readers see whole: the old one or the new one, whatever becomes of the writer or the machine.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeDirectory } from '../make-directory.ts'

/** No runtime takes a name that ends so for a configuration. */
const UNFINISHED = '.new'

/** Makes the directory where it is missing. */
export function writeWhole(file: string, text: string, mode = 0o644): void {
  const unfinished = file + UNFINISHED
  try {
    makeDirectory(dirname(file))
    const fd = openSync(unfinished, 'w', mode)
    try {
      writeFileSync(fd, text)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(unfinished, file)
    syncDirectory(dirname(file))
  } catch (error) {
    removeIfPossible(unfinished)
    throw error
  }
}

/** Undefined where it is not there, or cannot be read. */
export function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Without it a power cut may bring the old name back. */
function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function removeIfPossible(file: string): void {
  try {
    unlinkSync(file)
  } catch {}
}

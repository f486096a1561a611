// A directory, with its parents. Not by mkdirSync's `recursive`: it says ENOENT where a file system is read-only, and never returns where the
// kernel itself says ENOENT, as below /proc (node_file.cc: MKDirpSync).
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasCode } from './problem.ts'

/** That it is there already is success; whether it is a directory, who uses it finds out. */
export function makeDirectory(path: string): void {
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makeDirectory(parent)
  try {
    mkdirSync(path, { mode: 0o755 })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

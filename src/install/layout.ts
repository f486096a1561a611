// Where a node's CNI folder has us. One rename of one link takes the executable and the library that it needs from one release to the next:
//   podwire         → podwire.d/<release>-<digest>/podwire
//   podwire-ipam    → podwire
//   podwire.d/<release>-<digest>/podwire, podwire.d/<release>-<digest>/podwire.d/libatomic.so.1
import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../problem.ts'

export const EXECUTABLE = 'podwire'
export const IPAM = 'podwire-ipam'
/** Of releases; and, as the executable's library path has it, of what one of them needs. */
export const FOLDER = 'podwire.d'

const RELEASE = /^[\w.+-]+-[0-9a-f]{12}(\.\d+)?$/
/** What is being made begins so. */
export const UNFINISHED = '.'

/** The release that a call of the executable gets, where our link is there. */
export function currentRelease(to: string): string | undefined {
  const target = linkTarget(join(to, EXECUTABLE))
  const [folder, release = '', file, ...more] = target?.split('/') ?? []
  const isOurs = folder === FOLDER && RELEASE.test(release) && file === EXECUTABLE && more.length === 0
  return isOurs ? release : undefined
}

/** Since when our link says what it says. */
export const switchedAt = (to: string): number => statsOf(join(to, EXECUTABLE))?.ctimeMs ?? 0

export function linkTarget(path: string): string | undefined {
  return statsOf(path)?.isSymbolicLink() === true ? readlinkSync(path) : undefined
}

export function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

/** What is ours in the folder of releases: each release, what an interrupted installation left, and the library of a release that was copied by hand. */
export function entriesIn(to: string): Dirent[] {
  const entries = readdirSync(join(to, FOLDER), { withFileTypes: true })
  return entries.filter(entry => isRelease(entry) || isUnfinished(entry) || entry.isFile())
}

export const isRelease = (entry: Dirent): boolean => entry.isDirectory() && RELEASE.test(entry.name)
export const isUnfinished = ({ name }: Dirent): boolean => name.startsWith(UNFINISHED)

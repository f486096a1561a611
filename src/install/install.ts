// Puts a release into a node's CNI folder: copied beside the old one, started there, and only then given its name.
import { chmodSync, constants, copyFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeDirectory } from '../make-directory.ts'
import { Problem } from '../problem.ts'
import { whileLocked } from './folder-lock.ts'
import { currentRelease, EXECUTABLE, FOLDER, IPAM, linkTarget, statsOf, UNFINISHED } from './layout.ts'
import { hasSameFiles, type PackageFiles, packageFiles } from './package-files.ts'
import { sweep } from './sweep.ts'
import { sync } from './sync.ts'
import { tryOut } from './trial.ts'
import { explained } from './why.ts'

export interface InstallOptions {
  /** The folder of the executable to install. */
  readonly from: string
  /** The node's CNI folder, as this process sees it. */
  readonly to: string
  /** Where this process sees the node's root. */
  readonly root: string
  /** Its name: <release>-<digest>. */
  readonly release: string
}

export interface Installed {
  readonly release: string
  /** The same as `release` where it was there already; absent where there was none of ours. */
  readonly before: string | undefined
}

export async function install(options: InstallOptions): Promise<Installed> {
  const { from, to } = options
  const source = packageFiles(from)
  try {
    makeDirectory(join(to, FOLDER))
    return await whileLocked(join(to, FOLDER), () => installFiles(options, source))
  } catch (error) {
    throw explained(error, `cannot install into ${to}`, to, source.bytes)
  }
}

async function installFiles({ to, root, release }: InstallOptions, source: PackageFiles): Promise<Installed> {
  sweep(to)
  const before = currentRelease(to)
  const name = freeName(to, release, source)
  const folder = join(to, FOLDER, name)
  if (statsOf(folder) === undefined) await addRelease(to, root, source, folder)
  else tryOut(join(folder, EXECUTABLE), root)
  await pointAt(to, EXECUTABLE, `${FOLDER}/${name}/${EXECUTABLE}`)
  await pointAt(to, IPAM, EXECUTABLE)
  return { release: name, before }
}

/** A release whose files somebody wrote over keeps its name: calls may be running there. */
function freeName(to: string, name: string, source: PackageFiles): string {
  const names = [name, ...Array.from({ length: 9 }, (_, i) => `${name}.${i + 1}`)]
  const found = names.find(name => {
    const folder = join(to, FOLDER, name)
    return statsOf(folder) === undefined || hasSameFiles(source, folder)
  })
  if (found !== undefined) return found
  throw new Problem(
    'INPUT_OUTPUT',
    `every ${name} in ${join(to, FOLDER)} has been changed: remove those that are not used`,
  )
}

async function addRelease(to: string, root: string, source: PackageFiles, folder: string): Promise<void> {
  const unfinished = join(to, FOLDER, `${UNFINISHED}release`)
  try {
    const copies = source.files.map(file => join(unfinished, file))
    for (const [i, file] of source.files.entries()) copy(join(source.folder, file), copies[i] ?? '')
    // The disk writes while it starts.
    const written = sync(...copies, ...new Set(copies.map(dirname)))
    try {
      tryOut(join(unfinished, EXECUTABLE), root)
    } finally {
      await written
    }
    renameSync(unfinished, folder)
    await sync(join(to, FOLDER))
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
}

function copy(from: string, to: string): void {
  makeDirectory(dirname(to))
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  chmodSync(to, 0o755)
}

/** By a rename: whoever looks at this moment finds the old one or the new one. What else has our name is replaced as well. */
async function pointAt(to: string, name: string, target: string): Promise<void> {
  if (linkTarget(join(to, name)) === target) return
  const unfinished = join(to, FOLDER, `${UNFINISHED}link`)
  rmSync(unfinished, { force: true })
  symlinkSync(target, unfinished)
  renameSync(unfinished, join(to, name))
  await sync(to)
}

// Takes what is ours off a node: the configuration first, so that no runtime calls what is no longer there.
import { readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, Problem } from '../problem.ts'
import { Records } from '../records/records.ts'
import { type Configuration, configurationsOfOurs } from './configurations.ts'
import { whileLocked } from './folder-lock.ts'
import { EXECUTABLE, entriesIn, FOLDER, IPAM, statsOf } from './layout.ts'
import { explained } from './why.ts'

export interface UninstallOptions {
  /** The node's CNI folder. */
  readonly from: string
  /** The folder of CNI configurations. */
  readonly configurations: string
  /** Our state: /run/podwire. */
  readonly state: string
  /** Whatever still uses it. */
  readonly force: boolean
  /** Takes away what the node's kernel has of us, and says what that was. */
  readonly removeFromKernel: () => string[]
}

/** What was taken away. */
export async function uninstall(options: UninstallOptions): Promise<string[]> {
  const { from, state, force } = options
  const configurations = configurationsOfOurs(options.configurations)
  if (!force) refuseWhileUsed(state, configurations)
  const files = configurations.filter(({ isOfAgent }) => isOfAgent).map(({ file }) => file)
  const removed: string[] = []
  const remove = (path: string): void => {
    if (statsOf(path) === undefined) return
    rmSync(path, { recursive: true, force: true })
    removed.push(path)
  }
  try {
    for (const file of [...files, join(state, 'agent.json')]) remove(file)
    // Before the executable, so that whoever has to call it again still can.
    removed.push(...options.removeFromKernel())
    if (statsOf(join(from, FOLDER)) === undefined) for (const name of [EXECUTABLE, IPAM]) remove(join(from, name))
    else await whileLocked(join(from, FOLDER), () => removeReleases(from, remove))
  } catch (error) {
    throw explained(error, 'cannot take podwire off this node', from, 0)
  }
  return removed
}

function removeReleases(from: string, remove: (path: string) => void): void {
  for (const name of [IPAM, EXECUTABLE]) remove(join(from, name))
  const folder = join(from, FOLDER)
  for (const { name } of entriesIn(from)) remove(join(folder, name))
  if (readdirSync(folder).length > 0) return
  try {
    rmdirSync(folder)
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'ENOENT')) throw error
  }
}

const NAMED = 5

function refuseWhileUsed(state: string, configurations: readonly Configuration[]): void {
  const attachments = new Records(join(state, 'attachments')).list('')
  if (attachments.length > 0) {
    const names = attachments.slice(0, NAMED).map(([file, attachment]) => attachment?.pod ?? file)
    const all = [...names, ...(attachments.length > NAMED ? ['…'] : [])].join(', ')
    const way = 'drain the node first, or say --force, and their DEL fails until podwire is there again'
    throw new Problem('STILL_USED', `${attachments.length} of this node's pods use podwire (${all}): ${way}`)
  }
  const foreign = configurations.filter(({ isOfAgent }) => !isOfAgent).map(({ file }) => file)
  if (foreign.length === 0) return
  const way = 'take it away first, or say --force'
  throw new Problem('STILL_USED', `${foreign.join(', ')} calls podwire, and the agent did not write it: ${way}`)
}

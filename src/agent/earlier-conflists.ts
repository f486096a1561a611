// Configurations that a runtime takes in place of ours, because their names sort first: containerd and CRI-O take the first of the directory.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface EarlierConflist {
  readonly file: string
  /** The plugins that it calls, where it can be read. */
  readonly plugins: readonly string[]
}

// libcni's ConfFiles and ConfListFiles, as go-cni asks for them.
const isConfiguration = (name: string): boolean => /\.(conf|conflist|json)$/.test(name)

export function earlierConflists(ours: string): EarlierConflist[] {
  const [directory, name] = [dirname(ours), basename(ours)]
  return namesIn(directory)
    .filter(other => isConfiguration(other) && other < name)
    .toSorted()
    .map(other => join(directory, other))
    .map(file => ({ file, plugins: pluginsOf(file) }))
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function pluginsOf(file: string): string[] {
  try {
    const document = JSON.parse(readFileSync(file, 'utf8'))
    const plugins: { type?: unknown }[] = Array.isArray(document.plugins) ? document.plugins : [document]
    return plugins.flatMap(({ type }) => (typeof type === 'string' ? [type] : []))
  } catch {
    return []
  }
}

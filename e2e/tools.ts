// Where the programs are that the tests call, and why a test that needs an absent one is skipped. scripts/tools writes tools.json.
import { accessSync, constants, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'podwire')

type Entry = { path: string; skipped?: never } | { path?: never; skipped: string }

function readTools(): Record<string, Entry> {
  try {
    return JSON.parse(readFileSync(join(cache, 'tools.json'), 'utf8'))
  } catch {
    return {}
  }
}

const tools = readTools()
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** The built executable's folder; another one may be tried. */
export const dist = process.env['PODWIRE_DIST'] ?? join(import.meta.dirname, '..', 'dist')

/** The reference plugins: the distribution's, and the newest. */
export const referencePlugins = { distribution: '/usr/lib/cni', newest: tools['plugins']?.path ?? '' }

export function tool(name: 'cnitool' | 'containerd' | 'image'): string {
  return tools[name]?.path ?? ''
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What hinders a test that needs these, as tap's skip takes it: false, or the reason. A name is a tool's, a path or a command. */
export function lacks(...needs: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root: it makes network namespaces'
  for (const need of needs) {
    const built = tools[need]
    if (built?.skipped) return `no ${need}: ${built.skipped}`
    if (built) continue
    if (need.includes('/') ? isExecutable(need) : folders.some(folder => isExecutable(join(folder, need)))) continue
    return `no ${need}: install it, or run scripts/tools`
  }
  return false
}

// Where the programs are that the tests call, and why a test that needs an absent one is skipped. scripts/tools writes tools.json.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'podwire')

interface Entry {
  readonly path?: string
  readonly skipped?: string
}

function readTools(): Record<string, Entry> {
  try {
    return JSON.parse(readFileSync(join(cache, 'tools.json'), 'utf8'))
  } catch {
    return {}
  }
}

const madeHere = [
  ...(['cnitool', 'plugins', 'containerd', 'image'] as const),
  ...(['kubernetes', 'cluster-images', 'upstream-tests'] as const),
]
const tools = readTools()
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** The built executable's folder; another one may be tried. */
export const dist = process.env['PODWIRE_DIST'] ?? join(import.meta.dirname, '..', 'dist')

/** The reference plugins: the distribution's, and the newest. */
export const referencePlugins = [
  { release: 'distribution', folder: '/usr/lib/cni', need: '/usr/lib/cni/portmap' },
  { release: 'newest', folder: tools['plugins']?.path ?? '', need: 'plugins' },
]

export function tool(name: (typeof madeHere)[number]): string {
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

/** What hinders a test that needs these, as tap's skip takes it: false, or the reason. A name is of scripts/tools, a path or a command. */
export function lacks(...needs: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root: it makes network namespaces'
  const reasons = needs.map(lack).filter(reason => reason !== '')
  return reasons[0] ?? false
}

function lack(need: string): string {
  if (madeHere.some(name => name === need)) {
    const { path, skipped = 'run scripts/tools' } = tools[need] ?? {}
    return path && existsSync(path) ? '' : `no ${need}: ${skipped}`
  }
  const isThere = need.includes('/') ? isExecutable(need) : folders.some(folder => isExecutable(join(folder, need)))
  return isThere ? '' : `no ${need}: ${need.startsWith(dist) ? 'npm run build' : 'apt-get install it'}`
}

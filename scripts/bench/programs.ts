// Where the programs are that are compared.
import { existsSync, globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
/** The folder of ours; another one may be tried. */
export const dist = process.env['PODWIRE_DIST'] ?? join(root, 'dist')
export const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'podwire')

/** The folder of the reference plugins: the newest, else the distribution's. */
export const reference =
  globSync(join(cache, 'plugins-*/ptp'))
    .at(-1)
    ?.replace(/\/ptp$/, '') ?? '/usr/lib/cni'

export function needPrograms(): void {
  if (!existsSync(join(dist, 'podwire'))) throw new Error(`no ${dist}/podwire: npm run build`)
  if (!existsSync(join(reference, 'ptp')))
    throw new Error('no reference plugins: scripts/tools, or apt-get install containernetworking-plugins')
}

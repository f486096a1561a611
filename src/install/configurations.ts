// The CNI configurations of a node that call podwire.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Configuration {
  readonly file: string
  /** Only what the agent writes names the agent's file. */
  readonly isOfAgent: boolean
}

interface Plugin {
  readonly type?: unknown
  readonly agent?: unknown
  readonly ipam?: { readonly type?: unknown }
}

export function configurationsOfOurs(folder: string): Configuration[] {
  return filesIn(folder).flatMap(file => {
    const plugins = pluginsIn(file).filter(({ type, ipam }) => isOurs(type) || isOurs(ipam?.type))
    return plugins.length === 0 ? [] : [{ file, isOfAgent: plugins.some(({ agent }) => typeof agent === 'string') }]
  })
}

const isOurs = (type: unknown): boolean => type === 'podwire' || type === 'podwire-ipam'

function filesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter(name => /\.(conf|conflist|json)$/.test(name))
    return names.toSorted().map(name => join(folder, name))
  } catch {
    return []
  }
}

/** None in what cannot be read: no runtime reads it either. */
function pluginsIn(file: string): Plugin[] {
  try {
    const document: { plugins?: unknown } = JSON.parse(readFileSync(file, 'utf8'))
    const plugins: unknown[] = Array.isArray(document.plugins) ? document.plugins : [document]
    return plugins.filter((plugin): plugin is Plugin => typeof plugin === 'object' && plugin !== null)
  } catch {
    return []
  }
}

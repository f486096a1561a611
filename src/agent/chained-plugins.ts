// Plugins that the administrator appends to ours, as JSON: the option --chain of the agent.
import { Problem } from '../problem.ts'
import type { ChainedPlugin } from './conflist.ts'

/** From a list of plugin objects, as they would stand in a conflist. */
export function parseChainedPlugins(text: string): ChainedPlugin[] {
  const plugins = parse(text)
  if (!Array.isArray(plugins)) throw invalid('must be a list, as in [{ "type": "tuning" }]')
  plugins.forEach((plugin, at) => {
    if (typeof plugin?.type !== 'string' || plugin.type === '')
      throw invalid(`[${at}] has no "type": the plugin's name`)
    if (/^podwire(-ipam)?$/.test(plugin.type)) throw invalid(`[${at}] is ${plugin.type}, which is in the list already`)
  })
  return plugins
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`is no JSON: ${error instanceof Error ? error.message : error}`)
  }
}

const invalid = (why: string): Problem => new Problem('CONFIG_INVALID', `the plugins to chain after podwire: ${why}`)

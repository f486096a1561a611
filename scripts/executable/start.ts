// What the executable runs first: a bundle, with the functions that this verb needs compiled already: reading those of all would take longer
// than what is spared. What src/cli imports lazily is a bundle of its own, so that nothing is even read before it is needed.
// (Node.js's own code cache holds only what runs at once.)
import { getAsset, getRawAsset } from 'node:sea'
import { Script } from 'node:vm'
import { bundleLoader } from './bundle-loader.ts'

const script = (name: string): Script =>
  new Script(getAsset(`${name}.js`, 'utf8'), { filename: `${name}.js`, cachedData: compiled(name) })

/** Undefined where nothing was compiled for such a call: then it is while it runs. */
function compiled(name: string): Uint8Array | undefined {
  for (const verb of [process.env['CNI_COMMAND'] ?? '', '']) {
    try {
      return new Uint8Array(getRawAsset(`${name}.${verb}.cache`))
    } catch {}
  }
  return undefined
}

bundleLoader(script, require, process)('main')

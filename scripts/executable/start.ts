// What the executable runs first: a bundle, with the functions that this verb needs compiled already: reading those of all would take longer
// than what is spared. What src/cli imports lazily is a bundle of its own, so that nothing is even read before it is needed.
// (Node.js's own code cache holds only what runs at once.)
import { getAsset, getRawAsset } from 'node:sea'
import { Script } from 'node:vm'
import { bundleOf } from './bundle-of.ts'

function load(name: string): unknown {
  const bundle = new Script(getAsset(`${name}.js`, 'utf8'), {
    filename: `${name}.js`,
    cachedData: compiled(name),
  })
  const module = { exports: {} }
  const requireBundle = (id: string) => {
    const other = bundleOf(id)
    return other === undefined ? require(id) : load(other)
  }
  bundle.runInThisContext()(module, requireBundle, process)
  return module.exports
}

/** Undefined where nothing was compiled for such a call: then it is while it runs. */
function compiled(name: string): Uint8Array | undefined {
  for (const verb of [process.env['CNI_COMMAND'] ?? '', '']) {
    try {
      return new Uint8Array(getRawAsset(`${name}.${verb}.cache`))
    } catch {}
  }
  return undefined
}

load('main')

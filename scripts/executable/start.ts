// What the executable runs first: a bundle, with the functions that this verb needs compiled already: reading those of all would take longer
// than what is spared. What src/cli imports lazily is a bundle of its own, so that nothing is even read before it is needed.
// (Node.js's own code cache holds only what runs at once.)
import { getAsset, getRawAsset } from 'node:sea'
import { Script } from 'node:vm'

function load(name: string): unknown {
  const bundle = new Script(getAsset(`${name}.js`, 'utf8'), {
    filename: `${name}.js`,
    cachedData: compiled(name),
  })
  const module = { exports: {} }
  bundle.runInThisContext()(
    module,
    (id: string) => (id.startsWith('./') ? load(id.slice(2, -3)) : require(id)),
    process,
  )
  return module.exports
}

/** Undefined where nothing was compiled for such a call: then it is while it runs. */
function compiled(name: string): Uint8Array | undefined {
  try {
    return new Uint8Array(getRawAsset(`${name}.${process.env['CNI_COMMAND'] ?? ''}.cache`))
  } catch {
    return undefined
  }
}

load('main')

// Runs the bundles of the executable as they import each other: each once, as modules are.
import type { Script } from 'node:vm'

export function bundleLoader(
  scriptOf: (name: string) => Script,
  require: (id: string) => unknown,
  process: NodeJS.Process,
): (name: string) => unknown {
  const modules = new Map<string, { readonly exports: unknown }>()
  function load(name: string): unknown {
    const loaded = modules.get(name)
    if (loaded !== undefined) return loaded.exports
    const module = { exports: {} }
    modules.set(name, module)
    scriptOf(name).runInThisContext()(module, requireBundle, process)
    return module.exports
  }
  function requireBundle(id: string): unknown {
    const other = bundleOf(id)
    return other === undefined ? require(id) : load(other)
  }
  return load
}

/** Which bundle an import means; undefined for what Node.js has itself. */
function bundleOf(id: string): string | undefined {
  // Only what is wrong, and what a runtime says of earlier results, is read by it.
  if (id === 'zod/mini') return 'zod'
  return id.startsWith('./') ? id.slice(2, -3) : undefined
}

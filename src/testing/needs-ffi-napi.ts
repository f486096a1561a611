// The options of a test of the second backend: an optional dependency, which npm leaves out where it does not compile.
import { createRequire } from 'node:module'

export const needsFfiNapi: { skip?: string } = isInstalled('ffi-napi') ? {} : { skip: 'ffi-napi is not installed' }

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

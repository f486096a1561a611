// The front door of the executable: which face is meant, and nothing loaded that it does not need.
import { basename } from 'node:path'
import { versionAnswer } from '../cni/version.ts'
import { write } from './stdio.ts'

const [, , word] = process.argv
const { CNI_COMMAND: command } = process.env

if (word !== undefined || command === undefined) {
  const { people } = await import('./people.ts')
  process.exit(people(word))
} else if (command === 'VERSION') {
  write(1, versionAnswer())
} else {
  const { plugin } = await import('./plugin.ts')
  const face = basename(process.argv0) === 'podwire-ipam' ? 'ipam' : 'network'
  process.exit(await plugin(face, process.env))
}

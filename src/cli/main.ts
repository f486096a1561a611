// The front door of the executable: which face is meant, and nothing loaded that it does not need.
import { basename } from 'node:path'
import { versionAnswer } from '../cni/version.ts'
import { write } from './stdio.ts'

async function main([word, ...args]: readonly string[], command: string | undefined): Promise<number> {
  if (word === 'agent') {
    const { optimise } = await import('./optimise.ts')
    optimise()
    const { agent } = await import('./agent.ts')
    return agent(process.argv.slice(3), process.env)
  }
  // Empty is as good as absent, as in the reference skeleton.
  if (word !== undefined || !command) {
    const { people } = await import('./people.ts')
    return people(word, args)
  }
  if (command === 'VERSION') {
    write(1, versionAnswer())
    return 0
  }
  const face = basename(process.argv0) === 'podwire-ipam' ? 'ipam' : 'network'
  if (command === 'STATUS') {
    const { pluginStatus } = await import('./plugin-status.ts')
    return pluginStatus(face, process.env)
  }
  const { plugin } = await import('./plugin.ts')
  return plugin(face, process.env)
}

const { CNI_COMMAND } = process.env

main(process.argv.slice(2), CNI_COMMAND).then(
  code => process.exit(code),
  error => {
    write(2, `podwire: ${error}\n`)
    process.exit(1)
  },
)

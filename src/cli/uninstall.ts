// `podwire uninstall`, as people call it.
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readState } from '../agent/state-file.ts'
import { uninstall } from '../install/uninstall.ts'
import { Problem } from '../problem.ts'
import { askAgent } from './ask-agent.ts'
import { removeNodeNetwork } from './remove-node-network.ts'
import { write } from './stdio.ts'
import { tellingFailure } from './telling-failure.ts'

export const uninstallCommand = (args: readonly string[]): Promise<number> =>
  tellingFailure('uninstall', () => runUninstall(args))

async function runUninstall(args: readonly string[]): Promise<number> {
  const options = {
    from: { type: 'string', default: '/opt/cni/bin' },
    conflists: { type: 'string', default: '/etc/cni/net.d' },
    state: { type: 'string', default: '/run/podwire' },
    force: { type: 'boolean', default: false },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  const { from, conflists, state, force } = values
  if (!force) await refuseWhileAgentWorks(state)
  const removed = await uninstall({
    from: resolve(from),
    configurations: resolve(conflists),
    state,
    force,
    removeFromKernel: removeNodeNetwork,
  })
  write(
    1,
    removed.length === 0
      ? `podwire uninstall: nothing of ours in ${from}\n`
      : removed.map(line => `removed ${line}\n`).join(''),
  )
  return 0
}

/** It would make all of it anew. */
async function refuseWhileAgentWorks(state: string): Promise<void> {
  const listens = readState(join(state, 'agent.json'))?.listens
  const answers = listens !== undefined && (await askAgent(listens).catch(() => undefined)) !== undefined
  if (!answers) return
  const way = 'take it away first (kubectl delete -f podwire.yaml), or say --force'
  throw new Problem('STILL_USED', `podwire's agent is at work on this node (${listens}): ${way}`)
}

// `podwire install` and `podwire uninstall`, as the node's init container and people call them.
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readState } from '../agent/state-file.ts'
import { install } from '../install/install.ts'
import { uninstall } from '../install/uninstall.ts'
import { Problem } from '../problem.ts'
import { askAgent } from './ask-agent.ts'
import { removeNodeNetwork } from './remove-node-network.ts'
import { write } from './stdio.ts'
import { tellingFailure } from './telling-failure.ts'

const BIN = '/opt/cni/bin'
const CONFIGURATIONS = '/etc/cni/net.d'
const STATE = '/run/podwire'

export const installCommand = (args: readonly string[], release: string): Promise<number> =>
  tellingFailure('install', () => runInstall(args, release))

export const uninstallCommand = (args: readonly string[]): Promise<number> =>
  tellingFailure('uninstall', () => runUninstall(args))

async function runInstall(args: readonly string[], release: string): Promise<number> {
  const options = { to: { type: 'string', default: BIN }, root: { type: 'string', default: '/' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [to, root] = [resolve(values.to), resolve(values.root)]
  if (relative(root, to).startsWith('..'))
    throw new Problem('CONFIG_INVALID', `--to ${to} is not below --root ${root}: name both as this process sees them`)
  const installed = await install({ from: dirname(process.execPath), to, root, release })
  const { before } = installed
  const replaced = before === undefined ? '' : `, in the place of ${before}`
  const what = before === installed.release ? `${before} was there already` : `${installed.release}${replaced}`
  write(1, `podwire install: ${to}/podwire: ${what}\n`)
  return 0
}

async function runUninstall(args: readonly string[]): Promise<number> {
  const options = {
    from: { type: 'string', default: BIN },
    conflists: { type: 'string', default: CONFIGURATIONS },
    state: { type: 'string', default: STATE },
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

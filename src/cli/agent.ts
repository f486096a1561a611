// The node agent, from its options until a signal ends it.
import { setFlagsFromString } from 'node:v8'
import { Agent } from '../agent/agent.ts'
import { NodesFile } from '../cluster/nodes-file.ts'
import { Problem } from '../problem.ts'
import { agentLog } from './agent-log.ts'
import { type AgentEnvironment, type AgentFlags, agentFlags, agentHelp } from './agent-options.ts'
import { write } from './stdio.ts'

/** The exit code. */
export async function agent(words: readonly string[], environment: AgentEnvironment): Promise<number> {
  try {
    const flags = agentFlags(words, environment)
    if (flags.help) {
      write(1, agentHelp)
      return 0
    }
    await run(flags)
    return 0
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    write(2, `podwire agent: ${error.message}. ${error.details}\n`)
    return 2
  }
}

async function run({ nodes, node, mode, vxlanId, vxlanPort, vxlanFamily, logLevel }: AgentFlags): Promise<void> {
  if (nodes === undefined) throw new Problem('CONFIG_INVALID', 'where is the list of nodes? Say --nodes FILE', '')
  // The executable starts without: a plugin's call ends before they pay.
  for (const flag of ['--opt', '--maglev', '--sparkplug']) setFlagsFromString(flag)
  const ended = new Promise<NodeJS.Signals>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
  const log = agentLog(logLevel)
  using _agent = new Agent(
    { ownName: node, mode, tunnel: { id: vxlanId, port: vxlanPort, family: vxlanFamily } },
    { source: new NodesFile(nodes), log },
  )
  log.info({ node, mode, nodes }, 'started')
  log.info({ signal: await ended }, 'ends; routes stay')
}

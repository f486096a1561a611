// STATUS: whether an ADD could be served now. Asked every few seconds, so it only reads.
import { readFileSync } from 'node:fs'
import { hasCode, Problem } from '../problem.ts'
import type { Config } from './config.ts'
import { configuredIpam } from './ipam.ts'
import type { Parts } from './parts.ts'
import { requireVersion } from './version.ts'

type StatusParts = Pick<Parts, 'ipam'>

export async function status(config: Config, parts: StatusParts): Promise<void> {
  await ipamStatus(config, parts)
  if (config.agent) agentStatus(config.agent)
}

/** Of `podwire-ipam` alone. */
export async function ipamStatus(config: Config, parts: StatusParts): Promise<void> {
  requireVersion(config.cniVersion, '1.1.0', 'STATUS')
  await configuredIpam(parts).status()
}

/** What the agent last wrote counts, whether or not it runs now. */
function agentStatus(file: string): void {
  const state = agentState(file)
  if (state.ready === true) return
  const message =
    typeof state.message === 'string' ? state.message : `the agent's state in ${file} does not say "ready"`
  throw new Problem(state.code === 51 ? 'LIMITED_CONNECTIVITY' : 'NOT_AVAILABLE', message)
}

function agentState(file: string): { ready?: unknown; code?: unknown; message?: unknown } {
  try {
    const state: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof state === 'object' && state !== null ? state : {}
  } catch (error) {
    const why = hasCode(error, 'ENOENT')
      ? 'has not finished its first pass since the node started'
      : `left a state that cannot be read (${error})`
    throw new Problem('NOT_AVAILABLE', `the podwire agent ${why}: ${file}; see its log`, '', error)
  }
}

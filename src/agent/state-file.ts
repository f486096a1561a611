// What the agent tells the plugin's STATUS, and people, whether it runs now or not. src/cni/status.ts reads the first three of it.
import { Problem } from '../problem.ts'
import { contentOf, writeWhole } from './whole-file.ts'

export interface AgentState {
  readonly ready: boolean
  /** 50: no pod can be made. 51: those that run lack something as well. */
  readonly code?: 50 | 51
  readonly message?: string
  readonly node?: string
  readonly podCidrs?: readonly string[]
  readonly conflist?: string
  /** Absent: the usual name. */
  readonly network?: string
  /** Where it answers over HTTP, as host:port. */
  readonly listens?: string
}

/** STATUS is asked every few seconds: the file changes only when there is something new to say. */
export function writeState(file: string, state: AgentState): void {
  const text = `${JSON.stringify(state)}\n`
  if (contentOf(file) === text) return
  try {
    writeWhole(file, text)
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    const message = `cannot tell the agent's state in ${file}: ${why}: make room there, or make it writable`
    throw new Problem('INPUT_OUTPUT', message, '', error)
  }
}

/** Undefined where no agent has finished a pass since the node started, or what it left cannot be read. */
export function readState(file: string): AgentState | undefined {
  try {
    const state: unknown = JSON.parse(contentOf(file) ?? '')
    return isState(state) ? state : undefined
  } catch {
    return undefined
  }
}

const isState = (value: unknown): value is AgentState =>
  typeof value === 'object' && value !== null && 'ready' in value && typeof value.ready === 'boolean'

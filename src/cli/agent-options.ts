// The words after `podwire agent`, as values.
import { parseArgs } from 'node:util'
import { type Mode, modes } from '../agent/surroundings.ts'
import { Problem } from '../problem.ts'

export interface AgentFlags {
  readonly help: boolean
  readonly nodes: string | undefined
  readonly node: string
  readonly mode: Mode
  readonly vxlanId: number
  readonly vxlanPort: number
  readonly vxlanFamily: 4 | 6 | undefined
  readonly logLevel: string
}

export interface AgentEnvironment {
  readonly NODE_NAME?: string | undefined
}

export const agentHelp = `podwire agent: keeps this node's routes to the pods of other nodes

  podwire agent --nodes FILE --node NAME [options]

  --nodes FILE        the list of nodes, JSON or YAML: [{ name, addresses: [...], podCIDRs: [...] }]; read again at each change
  --node NAME         which of them this is; NODE_NAME in the environment says it, too
  --mode MODE         auto: by the node's address where it is on a network of ours, else through VXLAN (the default)
                      direct: never through VXLAN · vxlan: always
  --vxlan-id NUMBER   7963 · --vxlan-port NUMBER   4789 · --vxlan-family 4|6   that of the oldest node's first address
  --log-level LEVEL   debug, info (the default), warn, error

  All nodes of a cluster need the same mode and VXLAN options. Routes stay when the agent ends: pods go on without it.
`

const levels = ['debug', 'info', 'warn', 'error']

export function agentFlags(words: readonly string[], environment: AgentEnvironment): AgentFlags {
  const values = read(words)
  const node = values.node ?? environment.NODE_NAME ?? ''
  if (values.help !== true && node === '') throw invalid('which node is this? Say --node NAME')
  return {
    help: values.help === true,
    nodes: values.nodes,
    node,
    mode: choice('mode', values.mode ?? 'auto', modes),
    vxlanId: number('vxlan-id', values['vxlan-id'] ?? '7963', 0xff_ffff),
    vxlanPort: number('vxlan-port', values['vxlan-port'] ?? '4789', 0xffff),
    vxlanFamily: values['vxlan-family'] === undefined ? undefined : family(values['vxlan-family']),
    logLevel: choice('log-level', values['log-level'] ?? 'info', levels),
  }
}

function read(words: readonly string[]) {
  const text = { type: 'string' } as const
  const options = {
    help: { type: 'boolean', short: 'h' },
    nodes: text,
    node: text,
    mode: text,
    'vxlan-id': text,
    'vxlan-port': text,
    'vxlan-family': text,
    'log-level': text,
  } as const
  try {
    return parseArgs({ args: [...words], options }).values
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

function choice<T extends string>(name: string, word: string, words: readonly T[]): T {
  const found = words.find(each => each === word)
  if (found === undefined) throw invalid(`--${name} ${word}: it is one of ${words.join(', ')}`)
  return found
}

function number(name: string, word: string, most: number): number {
  const value = /^\d+$/.test(word) ? Number(word) : 0
  if (value < 1 || value > most) throw invalid(`--${name} ${word}: it is a number from 1 to ${most}`)
  return value
}

const family = (word: string): 4 | 6 => (choice('vxlan-family', word, ['4', '6']) === '4' ? 4 : 6)

const invalid = (message: string): Problem => new Problem('CONFIG_INVALID', message, 'See: podwire agent --help')

// The environment of a call, read as the reference skeleton reads it: a table of what each verb needs and how it must look.
import { Problem } from '../problem.ts'

export const commands = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION'] as const
export type Command = (typeof commands)[number]

export interface Environment {
  readonly [name: string]: string | undefined
  readonly CNI_COMMAND?: string | undefined
  readonly CNI_CONTAINERID?: string | undefined
  readonly CNI_NETNS?: string | undefined
  readonly CNI_IFNAME?: string | undefined
  readonly CNI_ARGS?: string | undefined
  readonly CNI_PATH?: string | undefined
  readonly CNI_NETNS_OVERRIDE?: string | undefined
}

/** What ADD, DEL and CHECK are about. */
export interface Request {
  readonly containerId: string
  readonly interfaceName: string
  /** Empty for a DEL whose namespace is gone. */
  readonly netns: string
  readonly arguments: string
  /** Whether the host's own namespace may be named. */
  readonly netnsOverride: boolean
}

type Complaint = readonly [message: string, details?: string] | undefined

interface Variable {
  readonly name: string
  readonly neededBy: readonly Command[]
  readonly complaint?: (value: string) => Complaint
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
export const isName = (text: string): boolean => NAME.test(text)

const variables: readonly Variable[] = [
  {
    name: 'CNI_CONTAINERID',
    neededBy: ['ADD', 'CHECK', 'DEL'],
    complaint: value => (isName(value) ? undefined : ['invalid characters in containerID', value]),
  },
  { name: 'CNI_NETNS', neededBy: ['ADD', 'CHECK'] },
  { name: 'CNI_IFNAME', neededBy: ['ADD', 'CHECK', 'DEL'], complaint: interfaceNameComplaint },
]

function interfaceNameComplaint(name: string): Complaint {
  if (Buffer.byteLength(name) > 15)
    return ['interface name is too long', 'interface name should be less than 16 characters']
  if (name === '.' || name === '..') return ['interface name is . or ..']
  // The kernel would put a number for it (net/core/dev.c: __dev_alloc_name), and the runtime not find its interface.
  if (name.includes('%')) return ['interface name contains %', name]
  // U+0085 is white space to Go, and not to JavaScript.
  if (/[/:\s\u0085]/u.test(name)) return ['interface name contains / or : or whitespace characters']
  return undefined
}

export function readCommand(environment: Environment): Command {
  const text = environment.CNI_COMMAND ?? ''
  const command = commands.find(name => name === text)
  if (command !== undefined) return command
  throw new Problem('ENVIRONMENT_INVALID', `unknown CNI_COMMAND: ${text}`, `known are ${commands.join(', ')}`)
}

export function readRequest(command: Command, environment: Environment): Request {
  const needed = variables.filter(({ neededBy }) => neededBy.includes(command))
  const missing = needed.map(({ name }) => name).filter(name => !environment[name])
  if (missing.length > 0) {
    throw new Problem('ENVIRONMENT_INVALID', `required env variables [${missing.join(',')}] missing`)
  }
  for (const { name, complaint } of needed) {
    const [message, details] = complaint?.(environment[name] ?? '') ?? []
    if (message !== undefined) throw new Problem('ENVIRONMENT_INVALID', `${name}: ${message}`, details)
  }
  return {
    containerId: environment.CNI_CONTAINERID ?? '',
    interfaceName: environment.CNI_IFNAME ?? '',
    netns: environment.CNI_NETNS ?? '',
    arguments: environment.CNI_ARGS ?? '',
    netnsOverride: ['1', 'true'].includes((environment.CNI_NETNS_OVERRIDE ?? '').toLowerCase()),
  }
}

// One attachment, driven as a runtime drives it: the executable itself, called with the protocol's variables.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { podwire } from './conflist.ts'
import type { Host, Outcome } from './host.ts'
import { dist } from './tools.ts'

export type Verb = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS'

export interface Result {
  readonly interfaces: readonly { readonly name: string }[]
  readonly ips: readonly { readonly address: string }[]
}

export const addressesOf = ({ ips }: Result): string[] => ips.map(({ address }) => address.replace(/\/.*/, ''))

/** A network as a runtime hands it to a plugin. */
export const network = (name: string, more: object = {}): object => ({
  cniVersion: '1.1.0',
  name,
  ...podwire('dual-stack', more),
})

interface Options {
  readonly config?: object
  readonly interfaceName?: string
  /** Another main plugin than ours. */
  readonly program?: string
  /** CNI_PATH */
  readonly path?: string
  /** Kills the plugin, and it alone, after this time, as a runtime does that has waited enough. */
  readonly killAfterSeconds?: number
}

export class Attachment {
  readonly host: Host
  readonly containerId: string
  readonly netns: string
  readonly interfaceName: string
  readonly config: object
  readonly #program: string
  readonly #path: string

  constructor(host: Host, containerId: string, netns: string, options: Options = {}) {
    const { config = network('pods'), interfaceName = 'eth0', program = join(dist, 'podwire'), path = dist } = options
    this.host = host
    this.containerId = containerId
    this.netns = netns
    this.interfaceName = interfaceName
    this.config = config
    this.#program = program
    this.#path = path
  }

  environment(verb: Verb): Record<string, string> {
    return {
      CNI_COMMAND: verb,
      CNI_CONTAINERID: this.containerId,
      CNI_NETNS: this.netns,
      CNI_IFNAME: this.interfaceName,
      CNI_PATH: this.#path,
    }
  }

  /** Runs one verb to its end, and until everything that it started has ended too. */
  call(verb: Verb, more: object = {}, killAfterSeconds?: number): Outcome {
    const [command, args] = this.#command(killAfterSeconds)
    return this.host.attempt(command, args, { env: this.environment(verb), input: this.#input(more) })
  }

  /** Runs one verb beside others. */
  async start(verb: Verb, more: object = {}): Promise<Outcome> {
    const [command, args] = this.#command()
    const env = { PATH: process.env['PATH'], ...this.environment(verb) }
    const child = spawn(...this.host.enter(command, ...args), { env, stdio: 'pipe' })
    const ended = new Promise<number>(resolve => child.on('close', code => resolve(code ?? 255)))
    child.stdin.end(this.#input(more))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await ended, stdout, stderr }
  }

  add(): Result {
    return resultOf(this.call('ADD'))
  }

  /** GC with these as all that is valid. */
  collect(...valid: readonly Attachment[]): Outcome {
    return this.call('GC', listOf(valid))
  }

  startCollecting(...valid: readonly Attachment[]): Promise<Outcome> {
    return this.start('GC', listOf(valid))
  }

  #command(killAfterSeconds?: number): [string, string[]] {
    if (killAfterSeconds === undefined) return [this.#program, []]
    return ['timeout', ['--foreground', '--signal=KILL', killAfterSeconds.toFixed(5), this.#program]]
  }

  #input(more: object): string {
    return JSON.stringify({ ...this.config, ...more })
  }
}

export const listOf = (valid: readonly Attachment[]): object => ({
  'cni.dev/valid-attachments': valid.map(({ containerId, interfaceName }) => ({
    containerID: containerId,
    ifname: interfaceName,
  })),
})

export function resultOf({ code, stdout, stderr }: Outcome): Result {
  if (code !== 0) throw new Error(`exit ${code}: ${stdout}${stderr}`)
  return JSON.parse(stdout)
}

const text = async (stream: NodeJS.ReadableStream): Promise<string> => {
  const pieces = await Array.fromAsync(stream)
  return pieces.join('')
}

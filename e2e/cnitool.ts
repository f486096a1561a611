// Calls cnitool, the CNI project's own runtime, in a throw-away host.
import { join } from 'node:path'
import { conflist, type Plugin } from './conflist.ts'
import type { Host, Outcome } from './host.ts'
import type { Pod } from './pod.ts'
import { dist, tool } from './tools.ts'

export interface Result {
  readonly cniVersion: string
  readonly interfaces: readonly { name: string; mac?: string; sandbox?: string }[]
  readonly ips: readonly { address: string; gateway?: string; interface?: number; version?: string }[]
  readonly routes?: readonly { dst: string; gw?: string }[]
}

/** One network of one host, as cnitool sees it. */
export class Network {
  readonly host: Host
  readonly name: string
  readonly path: string

  constructor(host: Host, name: string, cniVersion: string, plugins: readonly Plugin[], ...folders: string[]) {
    this.host = host
    this.name = name
    this.path = [dist, ...folders].join(':')
    host.write(`/run/conf/${name}.conflist`, conflist(cniVersion, name, plugins))
  }

  call(verb: string, pod: Pod, env: Record<string, string> = {}): Outcome {
    const environment = { CNI_PATH: this.path, NETCONFPATH: '/run/conf', ...env }
    return this.host.attempt(join(tool('cnitool'), 'cnitool'), [verb, this.name, pod.netns], { env: environment })
  }

  add(pod: Pod, env: Record<string, string> = {}): Result {
    const { code, stdout, stderr } = this.call('add', pod, env)
    if (code !== 0) throw new Error(`cnitool add ${this.name}: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }
}

/** GC as CRI-O sends it; cnitool's carries no list of what is valid, so there it only makes a DEL of each attachment that it knows. */
export function collect(host: Host, name: string, plugin: Plugin, valid: readonly object[]): void {
  const config = { ...plugin, cniVersion: '1.1.0', name, 'cni.dev/valid-attachments': valid }
  const env = { CNI_COMMAND: 'GC', CNI_PATH: dist }
  host.run(join(dist, plugin.type), [], { env, input: JSON.stringify(config) })
}

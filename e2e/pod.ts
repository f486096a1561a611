// What stands for a pod: a named network namespace of the throw-away host.
import type { Host } from './host.ts'

interface Link {
  readonly ifname: string
  readonly address: string
  readonly addr_info: readonly { local?: string; prefixlen: number; scope: string }[]
}

export class Pod {
  readonly host: Host
  readonly netns: string

  constructor(host: Host, netns: string) {
    this.host = host
    this.netns = netns
  }

  static make(host: Host, name: string): Pod {
    host.run('ip', ['netns', 'add', name])
    return new Pod(host, `/run/netns/${name}`)
  }

  remove(): void {
    this.host.run('ip', ['netns', 'delete', this.netns.replace('/run/netns/', '')])
  }

  run(command: string, ...args: string[]): string {
    return this.host.run('nsenter', [`--net=${this.netns}`, command, ...args])
  }

  links(): readonly Link[] {
    return JSON.parse(this.run('ip', '-json', 'address'))
  }

  /** The global addresses of eth0, as `10.1.2.3/32`. */
  addresses(interfaceName = 'eth0'): string[] {
    const link = this.links().find(({ ifname }) => ifname === interfaceName)
    const global = link?.addr_info.filter(({ scope }) => scope === 'global') ?? []
    return global.map(({ local, prefixlen }) => `${local}/${prefixlen}`)
  }

  /** Whether one packet, the first, is answered within a second. */
  reaches(address: string): boolean {
    return this.host.attempt('nsenter', [`--net=${this.netns}`, 'ping', '-n', '-c1', '-W1', bare(address)]).code === 0
  }
}

export const bare = (address: string): string => address.split('/')[0] ?? ''

export function hostReaches(host: Host, address: string): boolean {
  return host.attempt('ping', ['-n', '-c1', '-W1', bare(address)]).code === 0
}

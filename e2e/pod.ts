// What stands for a pod: a network namespace of the throw-away host.
import type { Host, Outcome, Place } from './host.ts'

interface Link {
  readonly ifname: string
  readonly address: string
  readonly mtu: number
  readonly addr_info: readonly { local?: string; prefixlen: number; scope: string }[]
}

export class Pod implements Place {
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

  attempt(command: string, args: string[]): Outcome {
    return this.host.attempt('nsenter', [`--net=${this.netns}`, command, ...args])
  }

  run(command: string, args: string[]): string {
    return this.host.run('nsenter', [`--net=${this.netns}`, command, ...args])
  }

  link(name = 'eth0'): Link | undefined {
    const links = JSON.parse(this.run('ip', ['-json', 'address'])) as Link[]
    return links.find(({ ifname }) => ifname === name)
  }

  /** The global addresses of an interface, as `10.1.2.3/32`. */
  addresses(name = 'eth0'): string[] {
    const global = this.link(name)?.addr_info.filter(({ scope }) => scope === 'global') ?? []
    return global.map(({ local, prefixlen }) => `${local}/${prefixlen}`)
  }
}

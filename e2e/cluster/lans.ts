// The wires of a local cluster: a bridge for each LAN, a router, and beyond it a host that knows the nodes and no pod.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Host } from '../host.ts'
import { Pod } from '../pod.ts'
import { tool } from '../tools.ts'
import {
  addAddress,
  addRoute,
  everywhere,
  lanSubnets,
  outsideAddresses,
  outsideRouters,
  routerAddresses,
} from './address-plan.ts'
import type { Families } from './cluster.ts'
import type { Machine } from './machine.ts'

const forwarding = 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1'

export class Lans implements AsyncDisposable {
  readonly #host: Host
  readonly #families: Families
  readonly outside: Pod

  private constructor(host: Host, families: Families) {
    this.#host = host
    this.#families = families
    this.outside = Pod.make(host, 'outside')
  }

  static async start(families: Families, segments: number): Promise<Lans> {
    const host = await Host.start()
    const lans = new Lans(host, families)
    host.shell(`ip netns add router; ip -n router link set lo up; ip -n outside link set lo up
      ip -n router link add wan type veth peer name eth0 netns outside
      ip -n router link set wan up; ip -n outside link set eth0 up
      ip netns exec router ${forwarding}`)
    const batch = (namespace: string, lines: readonly string[]) =>
      host.run('ip', ['-n', namespace, '-batch', '-'], { input: `${lines.join('\n')}\n` })
    batch(
      'router',
      outsideRouters(families).map(address => addAddress(address, 'wan')),
    )
    batch('outside', [
      ...outsideAddresses(families).map(address => addAddress(address, 'eth0')),
      ...lanSubnets(families).map((subnet, index) => addRoute(subnet, outsideRouters(families)[index] ?? '')),
    ])
    lans.#serve()
    for (let segment = 0; segment < segments; segment++) {
      host.shell(`ip link add lan${segment} type bridge; ip link set lan${segment} up
        ip link add router${segment} type veth peer name eth${segment} netns router
        ip link set router${segment} master lan${segment} up; ip -n router link set eth${segment} up`)
      batch(
        'router',
        routerAddresses(families, segment).map(address => addAddress(address, `eth${segment}`)),
      )
    }
    return lans
  }

  /** Ends with the host. */
  #serve(): void {
    const agnhost = [join(tool('cluster-images'), 'agnhost'), 'netexec', '--http-port=8080', '--udp-port=8081']
    const command = this.#host.enter('nsenter', `--net=${this.outside.netns}`, ...agnhost)
    spawn(...command, { stdio: 'ignore' }).unref()
  }

  /** The machine's eth0, with addresses and the router as its default gateway. */
  plug(machine: Machine, name: string, segment: number, addresses: readonly string[]): void {
    // Not in the process namespace of the LANs: the machine's process is named by the number that it has here.
    const inLans = (...args: string[]) =>
      succeed('nsenter', [`--net=/proc/${this.#host.pid}/ns/net`, 'ip', 'link', ...args])
    const peer = ['peer', 'name', 'eth0', 'netns', String(machine.pid)]
    inLans('add', name, 'type', 'veth', ...peer)
    inLans('set', name, 'master', `lan${segment}`, 'up')
    const lines = [
      'link set eth0 up',
      ...addresses.map(address => addAddress(address, 'eth0')),
      ...routerAddresses(this.#families, segment).map(router => addRoute(everywhere(router), router)),
    ]
    for (const line of lines) machine.run('ip', line.split(' '))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]()
  }
}

function succeed(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

// A node of the local cluster: a machine with containerd, kubelet and kube-proxy, and on the first the control plane too.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { groupOf, removeGroups } from '../control-groups.ts'
import type { Outcome } from '../host.ts'
import { tool } from '../tools.ts'
import { until } from '../until.ts'
import { lanAddresses, routerAddresses } from './address-plan.ts'
import type { ClusterOptions, Families, Node } from './cluster.ts'
import { makeGroup } from './control-group.ts'
import { controlPlane } from './control-plane.ts'
import { Daemon } from './daemon.ts'
import type { Lans } from './lans.ts'
import { Machine } from './machine.ts'
import { containerdArguments, containerdConfig, kubeletArguments, kubeletConfig, proxyArguments } from './node-parts.ts'
import { succeed } from './outcome.ts'

export interface NodeSettings {
  readonly name: string
  readonly addresses: readonly string[]
  readonly segment: number
  readonly families: Families
  readonly proxyMode: ClusterOptions['proxyMode']
  readonly containerd: string
  readonly maxRestartSeconds: number | undefined
  /** Folders outside: what outlives a stop, the cluster's credentials, logs. */
  readonly disk: string
  readonly credentials: string
  readonly logs: string
  readonly lans: Lans
  readonly hasControlPlane: boolean
}

/** What a kind node has in /opt/cni/bin. containerd calls the first by itself. */
const plugins = ['loopback', 'host-local', 'portmap', 'ptp']

export class LocalNode implements Node, AsyncDisposable {
  #settings: NodeSettings
  readonly #daemons = new Map<string, Daemon>()
  #machine: Machine | undefined

  constructor(settings: NodeSettings) {
    this.#settings = settings
  }

  get name(): string {
    return this.#settings.name
  }

  get addresses(): readonly string[] {
    return this.#settings.addresses
  }

  get machine(): Machine {
    if (!this.#machine) throw new Error(`${this.name} is stopped`)
    return this.#machine
  }

  /** Everything but kubelet and kube-proxy, which want an API server. */
  async boot(): Promise<void> {
    const { name, disk, lans, segment, families, addresses, maxRestartSeconds } = this.#settings
    mkdirSync(disk, { recursive: true })
    const machine = await Machine.start(name, disk, routerAddresses(families, segment)[0] ?? '')
    this.#machine = machine
    lans.plug(machine, name, segment, addresses)
    writeFileSync(machine.path('/etc/containerd-e2e.toml'), containerdConfig)
    const kubelet = kubeletConfig(families, makeGroup(machine.pid), maxRestartSeconds)
    writeFileSync(machine.path('/etc/kubelet.json'), JSON.stringify(kubelet))
    for (const plugin of plugins) copyFileSync(join(tool('plugins'), plugin), machine.path(`/opt/cni/bin/${plugin}`))
    if (this.#settings.hasControlPlane) this.#launchControlPlane()
    await this.#launchContainerd()
  }

  join(): void {
    const { families, proxyMode } = this.#settings
    this.#launchKubelet()
    this.#launch('kube-proxy', this.#kubernetes('kube-proxy'), proxyArguments(this.#settings, families, proxyMode))
  }

  async start(): Promise<void> {
    await this.boot()
    this.join()
  }

  async stop(): Promise<void> {
    const { machine } = this
    this.#machine = undefined
    this.#daemons.clear()
    await machine[Symbol.asyncDispose]()
    await until('the control groups are empty', () => removeGroups(groupOf(machine.pid)))
  }

  /** Once it is back, another host on its LAN. Not for the control plane's, whose address is in everybody's configuration. */
  async restartAs(host: number): Promise<void> {
    await this.stop()
    const { families, segment } = this.#settings
    this.#settings = { ...this.#settings, addresses: lanAddresses(families, segment, host) }
    await this.start()
  }

  async restart(part: 'containerd' | 'kubelet'): Promise<void> {
    await this.#daemons.get(part)?.stop()
    if (part === 'containerd') await this.#launchContainerd()
    else this.#launchKubelet()
  }

  async load(image: string): Promise<void> {
    const ctr = join(this.#settings.containerd, 'ctr')
    await succeed(...this.machine.enter(ctr, '--namespace', 'k8s.io', 'images', 'import', image))
  }

  attempt(command: string, args: readonly string[]): Outcome {
    return this.machine.attempt(command, args)
  }

  run(command: string, args: readonly string[]): string {
    return this.machine.run(command, args)
  }

  shell(script: string): string {
    return this.machine.shell(script)
  }

  path(inside: string): string {
    return this.machine.path(inside)
  }

  /** Throws if a part has ended by itself. */
  mustRun(): void {
    for (const daemon of this.#daemons.values()) daemon.mustRun()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#machine) await this.stop()
  }

  #launchControlPlane(): void {
    const { families, addresses, credentials } = this.#settings
    const parts = controlPlane({ families, address: addresses[0] ?? '', credentials })
    for (const [part, args] of Object.entries(parts)) this.#launch(part, this.#kubernetes(part), args)
  }

  async #launchContainerd(): Promise<void> {
    const { containerd } = this.#settings
    this.#launch('containerd', join(containerd, 'containerd'), containerdArguments)
    const version = [join(containerd, 'ctr'), ['version']] as const
    await until(`containerd of ${this.name} answers`, () => this.attempt(...version).code === 0, 60)
  }

  #launchKubelet(): void {
    this.#launch('kubelet', this.#kubernetes('kubelet'), kubeletArguments(this.#settings))
  }

  #launch(part: string, command: string, args: readonly string[]): void {
    const { containerd, logs, name } = this.#settings
    const path = [containerd, process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter)
    this.#daemons.set(part, new Daemon(this.machine, { command, args, path, log: join(logs, `${name}-${part}.log`) }))
  }

  #kubernetes(part: string): string {
    return join(tool('kubernetes'), part)
  }
}

// A containerd in a throw-away host, with a plugin directory and a conflist of its own; the pods in it are real sandboxes made by runc.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { groupOf, removeGroups, sweepGroups } from './control-groups.ts'
import { RuntimeService } from './cri/runtime-service.ts'
import type { Host } from './host.ts'
import { Pod } from './pod.ts'
import { tool } from './tools.ts'
import { until } from './until.ts'

const configuration = (pluginFolders: string) => `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/podwire/pod:1"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${pluginFolders}"
  conf_dir = "/run/cni-conf"
`

export interface Sandbox {
  readonly id: string
  readonly ips: readonly string[]
  readonly pod: Pod
}

interface PortMapping {
  readonly containerPort: number
  readonly hostPort: number
}

export class Containerd implements AsyncDisposable {
  readonly host: Host
  readonly #folder: string
  readonly #cgroup: string
  #daemon: ChildProcess | undefined
  #service: RuntimeService | undefined

  private constructor(host: Host, folder: string) {
    this.host = host
    this.#folder = folder
    this.#cgroup = groupOf(host.pid)
  }

  /** Plugins are looked for in one folder, whatever the version: links to all that `folders` hold. */
  static async start(host: Host, folder: string, pluginFolders: readonly string[]): Promise<Containerd> {
    sweepGroups()
    const containerd = new Containerd(host, folder)
    host.write('/run/containerd.toml', configuration('/run/cni-bin'))
    host.shell(`mkdir -p /run/cni-conf /run/cni-bin
      for folder in ${pluginFolders.join(' ')}; do ln -sfn "$folder"/* /run/cni-bin/; done`)
    await containerd.launch()
    containerd.#run('ctr', '--namespace', 'k8s.io', 'images', 'import', join(tool('image'), 'pod.tar'))
    return containerd
  }

  async launch(): Promise<void> {
    const log = openSync(this.host.path('/run/containerd.log'), 'a')
    const command = this.host.enter(join(this.#folder, 'containerd'), '--config', '/run/containerd.toml')
    this.#daemon = spawn(...command, { stdio: ['ignore', log, log], env: this.#environment() })
    closeSync(log)
    await until('containerd comes up', async () => {
      this.#service?.close()
      this.#service = new RuntimeService(this.host.path('/run/containerd/containerd.sock'))
      return this.#service.call('Version', {}).then(
        () => true,
        () => false,
      )
    })
  }

  get service(): RuntimeService {
    if (!this.#service) throw new Error('containerd is not running')
    return this.#service
  }

  log(): string {
    return readFileSync(this.host.path('/run/containerd.log'), 'utf8')
  }

  /** SIGKILL, as the kernel's memory killer sends it. */
  async kill(): Promise<void> {
    this.#service?.close()
    if (!this.#daemon || this.#daemon.exitCode !== null) return
    const ended = once(this.#daemon, 'exit')
    process.kill(childOf(this.#daemon.pid), 'SIGKILL')
    await ended
  }

  async version(): Promise<string> {
    return (await this.service.call('Version', {})).runtimeVersion ?? ''
  }

  async networkReady(): Promise<{ isReady: boolean; message: string }> {
    const { status } = await this.service.call('Status', {})
    const condition = status?.conditions?.find(({ type }) => type === 'NetworkReady')
    return { isReady: condition?.status ?? false, message: condition?.message ?? '' }
  }

  /** Takes effect as on a node: written beside its name, then renamed, and seen by containerd a moment later. */
  async useNetwork(list: object): Promise<void> {
    const before = (await this.networkReady()).isReady
    this.host.write('/run/cni-conf/.new', list)
    this.host.shell('mv /run/cni-conf/.new /run/cni-conf/10-pods.conflist')
    if (!before) await this.untilReady(true)
  }

  async untilReady(isReady: boolean): Promise<string> {
    let found = await this.networkReady()
    await until(`NetworkReady is ${isReady}`, async () => {
      found = await this.networkReady()
      return found.isReady === isReady
    })
    return found.message
  }

  async runPod(name: string, portMappings: readonly PortMapping[] = []): Promise<Sandbox> {
    const metadata = { name, uid: `uid-${name}`, namespace: 'e2e' }
    const config = {
      metadata,
      hostname: name,
      logDirectory: '/run/pod-logs',
      portMappings: [...portMappings],
      linux: { cgroupParent: `/${this.#cgroup}`, securityContext: { namespaceOptions: { pid: 1 } } },
    }
    const { id = '' } = await this.service.call('RunPodSandbox', { config })
    return this.sandbox(id)
  }

  async sandbox(id: string): Promise<Sandbox> {
    const { status, information } = await this.service.call('PodSandboxStatus', { id, verbose: true })
    const network = status?.network
    const ips = [network?.ip ?? '', ...(network?.additionalIps ?? []).map(({ ip }) => ip ?? '')].filter(Boolean)
    return { id, ips, pod: new Pod(this.host, netnsOf(information?.find(({ key }) => key === 'info')?.value ?? '{}')) }
  }

  async list(): Promise<string[]> {
    return ((await this.service.call('ListPodSandbox', {})).items ?? []).map(({ id }) => id ?? '')
  }

  async remove(id: string): Promise<void> {
    await this.service.call('StopPodSandbox', { id })
    await this.service.call('RemovePodSandbox', { id })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#service?.close()
    await this.host[Symbol.asyncDispose]()
    await until('the control groups are empty', () => removeGroups(this.#cgroup))
  }

  #environment(): Record<string, string> {
    return { PATH: [this.#folder, process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter) }
  }

  #run(command: string, ...args: string[]): string {
    return this.host.run(join(this.#folder, command), args, { env: this.#environment() })
  }
}

/** Of what nsenter runs, the process itself. */
const childOf = (pid: number | undefined): number => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))

interface Details {
  readonly runtimeSpec?: { linux: { namespaces: readonly { type: string; path?: string }[] } }
}

function netnsOf(details: string): string {
  const { runtimeSpec } = JSON.parse(details) as Details
  return runtimeSpec?.linux.namespaces.find(({ type }) => type === 'network')?.path ?? ''
}

// A real cluster in namespaces of this machine: etcd, the control plane and every node's parts, from their sources. It ends with the test, however that ends.
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sweepGroups } from '../control-groups.ts'
import type { Outcome, Place } from '../host.ts'
import { tool } from '../tools.ts'
import { until } from '../until.ts'
import { apiServices, nodeAddresses, outsideAddresses, segmentOf } from './address-plan.ts'
import type { Cluster, ClusterOptions, Families, KubectlOptions } from './cluster.ts'
import { apiServerUrl } from './control-plane.ts'
import { makeCredentials } from './credentials.ts'
import { Lans } from './lans.ts'
import { LocalNode } from './local-node.ts'
import { outcome } from './outcome.ts'

const prefix = join(tmpdir(), 'podwire-cluster-')

type Settings = Required<Omit<ClusterOptions, 'maxRestartSeconds'>> & Pick<ClusterOptions, 'maxRestartSeconds'>

export class LocalCluster implements Cluster {
  readonly #settings: Settings
  readonly #folder: string
  readonly #lans: Lans
  readonly #nodes: LocalNode[] = []
  #count = 0

  private constructor(settings: Settings, folder: string, lans: Lans) {
    this.#settings = settings
    this.#folder = folder
    this.#lans = lans
  }

  static async start(options: ClusterOptions = {}): Promise<LocalCluster> {
    sweep()
    const defaults = {
      nodes: 2,
      families: 'dual-stack',
      segments: 1,
      containerd: tool('containerd'),
      proxyMode: 'nftables',
    }
    const settings = { ...defaults, ...options } as Settings
    const folder = mkdtempSync(`${prefix}${process.pid}-`)
    const cluster = new LocalCluster(settings, folder, await Lans.start(settings.families, settings.segments))
    try {
      await cluster.#bringUp()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  get families(): Families {
    return this.#settings.families
  }

  get nodes(): readonly LocalNode[] {
    return this.#nodes
  }

  get outside(): Place & { readonly addresses: readonly string[] } {
    const { outside } = this.#lans
    return { attempt: (command, args) => outside.attempt(command, args), addresses: outsideAddresses(this.families) }
  }

  /** Of each part of each node, and of the control plane. */
  get logs(): string {
    return join(this.#folder, 'logs')
  }

  get adminConfig(): string {
    return join(this.#folder, 'credentials', 'admin.conf')
  }

  node(name: string): LocalNode {
    const node = this.#nodes.find(node => node.name === name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  async addNode(prepare: (node: LocalNode) => Promise<void> = async () => {}): Promise<LocalNode> {
    const node = this.#newNode()
    await node.boot()
    await node.load(join(tool('image'), 'pod.tar'))
    await prepare(node)
    node.join()
    await this.#untilKnown(node)
    return node
  }

  async deleteNode(name: string): Promise<void> {
    await this.node(name)[Symbol.asyncDispose]()
    this.#nodes.splice(this.#nodes.indexOf(this.node(name)), 1)
    await this.kubectl(['delete', 'node', name])
  }

  async kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.tryKubectl(args, options)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }

  async tryKubectl(args: readonly string[], { input = '' }: KubectlOptions = {}): Promise<Outcome> {
    const [first] = this.#nodes
    if (!first) throw new Error('no node')
    const config = ['--kubeconfig', this.adminConfig, '--cache-dir', join(this.#folder, 'kubectl')]
    return outcome(...first.machine.enter(join(tool('kubernetes'), 'kubectl'), ...config, ...args), input)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map(node => node[Symbol.asyncDispose]()))
    await this.#lans[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #bringUp(): Promise<void> {
    const { nodes, families } = this.#settings
    mkdirSync(this.logs, { recursive: true })
    for (let count = 0; count < nodes; count++) this.#newNode()
    const address = this.#nodes[0]?.addresses[0] ?? ''
    const names = [
      ...(this.#nodes[0]?.addresses ?? []),
      ...apiServices(families),
      '127.0.0.1',
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
    ]
    await makeCredentials(join(this.#folder, 'credentials'), apiServerUrl(address), names)
    await Promise.all(this.#nodes.map(node => node.boot()))
    await Promise.all(this.#nodes.map(node => node.load(join(tool('image'), 'pod.tar'))))
    await this.#until(
      'the API server is ready',
      async () => (await this.tryKubectl(['get', '--raw', '/readyz'])).code === 0,
    )
    for (const node of this.#nodes) node.join()
    await Promise.all(this.#nodes.map(node => this.#untilKnown(node)))
    await this.kubectl(['label', 'node', 'node1', 'node-role.kubernetes.io/control-plane='])
  }

  #newNode(): LocalNode {
    const { families, segments, proxyMode, containerd, maxRestartSeconds } = this.#settings
    const number = ++this.#count
    const name = `node${number}`
    const node = new LocalNode({
      name,
      addresses: nodeAddresses(families, number, segments),
      segment: segmentOf(number, segments),
      families,
      proxyMode,
      containerd,
      maxRestartSeconds,
      disk: join(this.#folder, name),
      credentials: join(this.#folder, 'credentials'),
      logs: this.logs,
      lans: this.#lans,
      hasControlPlane: number === 1,
    })
    this.#nodes.push(node)
    return node
  }

  /** With its part of the pods' addresses, which comes a moment later than itself. */
  async #untilKnown({ name }: LocalNode): Promise<void> {
    await this.#until(`${name} has its podCIDRs`, async () => {
      const { stdout } = await this.tryKubectl(['get', 'node', name, '-o', 'jsonpath={.spec.podCIDRs}'])
      return stdout.includes('/')
    })
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await until(
      `${what} (logs: ${this.logs})`,
      () => {
        for (const node of this.#nodes) node.mustRun()
        return holds()
      },
      120,
    )
  }
}

/** What a test that was killed left on disk. */
function sweep(): void {
  sweepGroups()
  for (const folder of globSync(`${prefix}*`)) {
    const [pid] = folder.replace(prefix, '').split('-')
    if (!existsSync(`/proc/${pid}`)) rmSync(folder, { recursive: true, force: true })
  }
}

// A cluster made by kind, where Docker is: nodes are containers, the host outside is one more on their network.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome, Place } from '../host.ts'
import { tool } from '../tools.ts'
import type { Cluster, ClusterOptions, Families, KubectlOptions, Node } from './cluster.ts'
import { kindConfig } from './kind-config.ts'
import { outcome, succeed } from './outcome.ts'
import { agnhost } from './workload.ts'

const name = 'podwire-e2e'
const outsideName = `${name}-outside`
const serverName = `${name}-server`

export class KindCluster implements Cluster {
  readonly families: Families
  readonly nodes: readonly Node[]
  readonly outside: Place & { readonly addresses: readonly string[] }
  readonly #folder: string

  private constructor(folder: string, families: Families) {
    this.#folder = folder
    this.families = families
    const names = must('kind', ['get', 'nodes', '--name', name]).trim().split('\n').toSorted()
    this.nodes = names.map(name => new KindNode(name, families))
    this.outside = new KindNode(outsideName, families)
  }

  static async start({
    nodes = 2,
    families = 'dual-stack',
    proxyMode = 'nftables',
  }: ClusterOptions): Promise<KindCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'podwire-kind-'))
    spawnSync('kind', ['delete', 'cluster', '--name', name])
    const config = JSON.stringify(kindConfig(nodes, families, proxyMode))
    await succeed(
      'kind',
      ['create', 'cluster', '--name', name, '--kubeconfig', join(folder, 'config'), '--config', '-'],
      config,
    )
    // Of the nodes' own image, as that is there already.
    const image = must('docker', ['inspect', '--format', '{{.Config.Image}}', `${name}-control-plane`]).trim()
    const run = ['run', '--detach', '--rm', '--name', outsideName, '--network', 'kind', '--entrypoint', 'sleep']
    must('docker', [...run, image, 'infinity'])
    must('docker', ['load', '--input', join(tool('cluster-images'), 'agnhost.tar')])
    const server = ['run', '--detach', '--rm', '--name', serverName, '--network', `container:${outsideName}`]
    must('docker', [...server, agnhost, 'netexec', '--http-port=8080', '--udp-port=8081'])
    return new KindCluster(folder, families)
  }

  node(name: string): Node {
    const node = this.nodes.find(node => node.name === name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  addNode(): Promise<Node> {
    throw new Error('kind adds no node to a cluster')
  }

  deleteNode(): Promise<void> {
    throw new Error('kind takes no node from a cluster')
  }

  async kubectl(args: readonly string[], { input = '' }: KubectlOptions = {}): Promise<string> {
    return await succeed('kubectl', ['--kubeconfig', join(this.#folder, 'config'), ...args], input)
  }

  tryKubectl(args: readonly string[], { input = '' }: KubectlOptions = {}): Promise<Outcome> {
    return outcome('kubectl', ['--kubeconfig', join(this.#folder, 'config'), ...args], input)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await outcome('docker', ['rm', '--force', serverName, outsideName])
    await outcome('kind', ['delete', 'cluster', '--name', name])
    rmSync(this.#folder, { recursive: true })
  }
}

class KindNode implements Node {
  readonly name: string
  readonly addresses: readonly string[]

  constructor(name: string, families: Families) {
    this.name = name
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}'
    const [ipv4 = '', ipv6 = ''] = must('docker', ['inspect', '--format', format, name]).trim().split(' ')
    this.addresses = [families === 'IPv6' ? '' : ipv4, families === 'IPv4' ? '' : ipv6].filter(Boolean)
  }

  attempt(command: string, args: readonly string[]): Outcome {
    const { status, stdout, stderr } = spawnSync('docker', ['exec', this.name, command, ...args], { encoding: 'utf8' })
    return { code: status ?? 255, stdout, stderr }
  }

  run(command: string, args: readonly string[]): string {
    return must('docker', ['exec', this.name, command, ...args])
  }

  shell(script: string): string {
    return this.run('bash', ['-euc', script])
  }

  path(inside: string): string {
    return `/proc/${must('docker', ['inspect', '--format', '{{.State.Pid}}', this.name]).trim()}/root${inside}`
  }

  async stop(): Promise<void> {
    await succeed('docker', ['kill', this.name])
  }

  async start(): Promise<void> {
    await succeed('docker', ['start', this.name])
  }

  async restart(part: 'containerd' | 'kubelet'): Promise<void> {
    this.run('systemctl', ['restart', part])
  }

  async load(archive: string): Promise<void> {
    await succeed('kind', ['load', 'image-archive', archive, '--name', name, '--nodes', this.name])
  }
}

function must(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}${stderr}`)
  return stdout
}

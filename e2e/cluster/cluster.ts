// What an end-to-end test asks of a cluster, whatever it runs on: nodes that come and go, kubectl, and a host that knows no pod.
import type { Outcome, Place } from '../host.ts'

export type Families = 'IPv4' | 'IPv6' | 'dual-stack'

export interface ClusterOptions {
  readonly nodes?: number
  readonly families?: Families
  /** LANs, with a router between them. Nodes are dealt out in turn. */
  readonly segments?: 1 | 2
  /** The folder of a containerd. */
  readonly containerd?: string
  readonly proxyMode?: 'nftables' | 'iptables'
  /** How long kubelets let a container wait that ended again and again. Kubernetes' own: five minutes. */
  readonly maxRestartSeconds?: number
}

export interface Node extends Place {
  readonly name: string
  /** One of each family that the cluster has, IPv4 first. */
  readonly addresses: readonly string[]
  run(command: string, args: string[]): string
  shell(script: string): string
  /** Where a path of the node is for us, outside. */
  path(inside: string): string
  /** As when its power is cut: nothing is told, what is on its disk stays. */
  stop(): Promise<void>
  /** As when power is back: no link, route, table or process of before, and an empty /run. */
  start(): Promise<void>
  restart(part: 'containerd' | 'kubelet'): Promise<void>
  /** From a docker-archive. */
  load(image: string): Promise<void>
}

export interface KubectlOptions {
  readonly input?: string
}

export interface Cluster extends AsyncDisposable {
  readonly families: Families
  readonly nodes: readonly Node[]
  /** Beyond the router. It knows the nodes, and no pod; agnhost serves there as it does in pods. */
  readonly outside: Place & { readonly addresses: readonly string[] }
  node(name: string): Node
  /** `prepare` is called before it joins: images are loaded, say. */
  addNode(prepare?: (node: Node) => Promise<void>): Promise<Node>
  /** The machine goes, and the node object with it. */
  deleteNode(name: string): Promise<void>
  /** What it says; a failure throws. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>
  tryKubectl(args: readonly string[], options?: KubectlOptions): Promise<Outcome>
}

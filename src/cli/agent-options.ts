// The words after `podwire agent`, as values.
import { parseArgs } from 'node:util'
import { parseChainedPlugins } from '../agent/chained-plugins.ts'
import { type ChainedPlugin, NETWORK } from '../agent/conflist.ts'
import { DEFAULT_LISTEN, type ListenAddress, parseListenAddress } from '../agent/listen-address.ts'
import { type Mode, modes } from '../agent/surroundings.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'

export interface AgentFlags {
  readonly help: boolean
  /** Absent: the Kubernetes API. */
  readonly nodes: string | undefined
  readonly kubeconfig: string | undefined
  readonly node: string
  readonly mode: Mode
  readonly vxlan: { readonly id: number; readonly port: number; readonly family: 4 | 6 | undefined }
  readonly vxlanOffload: boolean
  /** Whether what leaves the cluster gets the node's address. */
  readonly masquerade: boolean
  /** What counts as the cluster; none: all nodes' podCIDRs, as they come and go. */
  readonly clusterCidrs: readonly Prefix[]
  readonly conflist: string | undefined
  readonly network: string
  readonly mtu: number | undefined
  readonly antiSpoof: boolean | undefined
  readonly chained: readonly ChainedPlugin[]
  readonly pluginLog: string | undefined
  readonly listen: ListenAddress | undefined
  readonly state: string
  readonly logLevel: string
}

export interface AgentEnvironment {
  readonly [name: string]: string | undefined
  readonly NODE_NAME?: string | undefined
}

export const agentHelp = `podwire agent --node NAME [options]: keeps a node's place in the cluster

  --node NAME           which node this is; NODE_NAME in the environment says it, too
  --nodes FILE          the nodes, in JSON or YAML: [{ name, addresses: [...], podCIDRs: [...] }], read again at each
                        change. Without it, the Kubernetes API is asked, as a pod
  --kubeconfig FILE     or as this says

  --mode MODE           auto (the default): nodes on a network of ours are reached directly, others through VXLAN
                        direct: never through VXLAN · vxlan: always
  --vxlan-id NUMBER     7963
  --vxlan-port NUMBER   4789
  --vxlan-family 4|6    what VXLAN goes over; by default the family of the oldest node's first address
  --no-vxlan-offload    checksums within VXLAN are made here: for networks that break them, and five times slower

  --cluster-cidr LIST   the cluster's pod networks, comma between; by default the podCIDRs of all nodes
  --no-masquerade       what leaves them keeps the pod's address; by default it gets the node's
  --no-anti-spoof       pods may send from any address
  --mtu NUMBER          of pods; by default found out
  --network NAME        ${NETWORK}
  --chain JSON          plugins to call after ours, as in [{ "type": "tuning", "sysctl": {} }]
  --plugin-log FILE     gets one line of JSON for each call of the plugin
  --conflist FILE       /etc/cni/net.d/10-podwire.conflist; none: somebody else writes it

  --listen ADDRESS      ${DEFAULT_LISTEN}: /healthz, /readyz, /metrics, /status; or none
  --state DIRECTORY     /run/podwire
  --log-level LEVEL     debug, info (the default), warn, error

  All nodes of a cluster need the same mode and VXLAN options. It works until SIGTERM or SIGINT, and leaves all routes:
  pods go on without it. Exit codes: 0 after a signal · 1 it cannot work here · 2 an option is wrong.
`

const levels = ['debug', 'info', 'warn', 'error']
const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = {
  help: { type: 'boolean', short: 'h' },
  nodes: text,
  kubeconfig: text,
  node: text,
  mode: text,
  'vxlan-id': text,
  'vxlan-port': text,
  'vxlan-family': text,
  'no-vxlan-offload': flag,
  'no-masquerade': flag,
  'cluster-cidr': text,
  conflist: text,
  network: text,
  mtu: text,
  'no-anti-spoof': flag,
  chain: text,
  'plugin-log': text,
  listen: text,
  state: text,
  'log-level': text,
} as const

export function agentFlags(words: readonly string[], environment: AgentEnvironment): AgentFlags {
  const values = read(words)
  const node = values.node ?? environment.NODE_NAME ?? ''
  if (values.help !== true && node === '') throw invalid('which node is this? Say --node NAME')
  const { conflist = '/etc/cni/net.d/10-podwire.conflist', network = NETWORK, state = '/run/podwire' } = values
  return {
    help: values.help === true,
    nodes: values.nodes,
    kubeconfig: values.kubeconfig,
    node,
    mode: choice('mode', values.mode ?? 'auto', modes),
    vxlan: {
      id: number('vxlan-id', values['vxlan-id'] ?? '7963', 1, 0xff_ffff),
      port: number('vxlan-port', values['vxlan-port'] ?? '4789', 1, 0xffff),
      family: values['vxlan-family'] === undefined ? undefined : family(values['vxlan-family']),
    },
    vxlanOffload: values['no-vxlan-offload'] !== true,
    masquerade: values['no-masquerade'] !== true,
    clusterCidrs: cidrs(values['cluster-cidr'] ?? ''),
    conflist: conflist === 'none' ? undefined : conflist,
    network,
    mtu: values.mtu === undefined ? undefined : number('mtu', values.mtu, 68, 65_535),
    antiSpoof: values['no-anti-spoof'] === true ? false : undefined,
    chained: values.chain === undefined ? [] : parseChainedPlugins(values.chain),
    pluginLog: values['plugin-log'],
    listen: parseListenAddress(values.listen ?? DEFAULT_LISTEN),
    state,
    logLevel: choice('log-level', values['log-level'] ?? 'info', levels),
  }
}

function read(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options }).values
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

function choice<T extends string>(name: string, word: string, words: readonly T[]): T {
  const found = words.find(each => each === word)
  if (found === undefined) throw invalid(`--${name} ${word}: it is one of ${words.join(', ')}`)
  return found
}

function number(name: string, word: string, least: number, most: number): number {
  const value = /^\d+$/.test(word) ? Number(word) : Number.NaN
  if (!(value >= least && value <= most)) throw invalid(`--${name} ${word}: it is a number from ${least} to ${most}`)
  return value
}

const family = (word: string): 4 | 6 => (choice('vxlan-family', word, ['4', '6']) === '4' ? 4 : 6)

function cidrs(list: string): Prefix[] {
  try {
    return list.split(',').flatMap(word => (word.trim() === '' ? [] : [parsePrefix(word.trim())]))
  } catch (error) {
    throw invalid(`--cluster-cidr ${list}: ${error instanceof Error ? error.message : error}`)
  }
}

const invalid = (message: string): Problem => new Problem('CONFIG_INVALID', message, 'See: podwire agent --help')

// The CNI configuration that a node's runtime reads: its content, from what the agent knows. Contract: cni-conf, README.
import { formatPrefix, type Prefix } from '../ip/prefix.ts'
import { rangeSets } from '../ipam/range-set.ts'
import { Problem } from '../problem.ts'

/** A plugin that the administrator has called after ours, in the words of its own documentation. */
export interface ChainedPlugin {
  readonly type: string
  readonly capabilities?: Readonly<Record<string, boolean>>
  readonly [key: string]: unknown
}

export interface ConflistOptions {
  /** The node's own. */
  readonly podCidrs: readonly Prefix[]
  /** Where the agent tells its state: STATUS reads it. */
  readonly agentFile: string
  readonly network?: string | undefined
  readonly mtu?: number | undefined
  /** Absent: what leaves the cluster keeps the pod's address. */
  readonly masquerade?: { readonly except: readonly Prefix[] } | undefined
  readonly antiSpoof?: boolean | undefined
  readonly log?: { readonly file: string; readonly level?: string | undefined } | undefined
  readonly chained?: readonly ChainedPlugin[] | undefined
}

export const NETWORK = 'pods'

const ourCapabilities = ['portMappings', 'bandwidth', 'ips', 'mac', 'ipRanges', 'dns']

/** Throws where it would be one that no pod can be made with. */
export function conflist(options: ConflistOptions): string {
  const { network = NETWORK, podCidrs, agentFile, mtu, masquerade, antiSpoof, log, chained = [] } = options
  const families = ([4, 6] as const).filter(family => podCidrs.some(({ address }) => address.family === family))
  // The first podCIDR's family is the one that the cluster prefers.
  if (podCidrs[0]?.address.family === 6) families.reverse()
  const ranges = families.map(family => cidrsOf(podCidrs, family).map(cidr => ({ subnet: formatPrefix(cidr) })))
  if (ranges.length === 0) throw new Problem('NOT_AVAILABLE', noPodCidr)
  rangeSets(ranges)
  const podwire = {
    type: 'podwire',
    mtu,
    ipMasq: masquerade && true,
    masquerade: masquerade && { except: masquerade.except.map(formatPrefix) },
    antiSpoof,
    log,
    // Else kubelet would turn a node that is merely full NotReady, and evict what runs there.
    statusOnExhaustion: 'ready',
    agent: agentFile,
    capabilities: capabilitiesBeside(chained),
    ipam: {
      type: 'podwire-ipam',
      ranges,
      routes: families.map(family => ({ dst: family === 4 ? '0.0.0.0/0' : '::/0' })),
    },
  }
  // A runtime that knows no cniVersions takes the first; a list that says only 1.1.0 fails every pod there.
  const list = { cniVersion: '1.0.0', cniVersions: ['1.0.0', '1.1.0'], name: network, plugins: [podwire, ...chained] }
  return `${JSON.stringify(list, undefined, 2)}\n`
}

const cidrsOf = (podCidrs: readonly Prefix[], family: 4 | 6): Prefix[] =>
  podCidrs.filter(({ address }) => address.family === family)

/** What a chained plugin does for the runtime is not done twice. */
function capabilitiesBeside(chained: readonly ChainedPlugin[]): Record<string, true> {
  const theirs = new Set(
    chained.flatMap(({ capabilities = {} }) => Object.keys(capabilities).filter(isTrue(capabilities))),
  )
  return Object.fromEntries(ourCapabilities.filter(name => !theirs.has(name)).map(name => [name, true] as const))
}

const isTrue =
  (capabilities: Readonly<Record<string, boolean>>) =>
  (name: string): boolean =>
    capabilities[name] === true

const noPodCidr =
  'this node has no podCIDR yet: pods wait for it; give the controller manager --allocate-node-cidrs and --cluster-cidr, or the nodes file "podCIDRs"'

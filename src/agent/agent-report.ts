// What the agent knows, as `podwire status` and /status tell it: JSON all through.
import type { ClusterNode } from '../cluster/node.ts'
import { formatPrefix } from '../ip/prefix.ts'
import type { Problem } from '../problem.ts'

/** The way to the pods of another node. */
export interface WayReport {
  readonly node: string
  readonly destination: string
  /** "direct" or "vxlan"; absent where there is none. */
  readonly way?: string | undefined
  readonly via?: string | undefined
}

export interface ProblemReport {
  readonly code: string
  readonly message: string
  readonly details: string
}

export interface AgentReport {
  readonly node: string
  /** As /readyz has it. */
  readonly ready: boolean
  readonly message?: string | undefined
  readonly mode?: string | undefined
  readonly podCidrs: readonly string[]
  readonly nodes: number
  readonly routes: { readonly wanted: number; readonly present: number }
  readonly ways: readonly WayReport[]
  /** Absent where pods keep their address, wherever they go. */
  readonly masquerade?: { readonly except: readonly string[] } | undefined
  /** Absent: the usual name. */
  readonly network?: string | undefined
  readonly conflist?: string | undefined
  readonly lastPass?: { readonly at: string; readonly tookMs: number; readonly changes: number } | undefined
  readonly lastError?: (ProblemReport & { readonly at: string }) | undefined
  /** What stands now. */
  readonly problems: readonly ProblemReport[]
}

/** What a pass left, as far as it is told. */
export interface PassOutcome {
  readonly plan:
    | {
        readonly self: ClusterNode
        readonly members: readonly ClusterNode[]
        readonly here: { readonly mode: string }
        readonly desired: { readonly plans: ReadonlyMap<string, NodeWays> }
      }
    | undefined
  readonly routesWanted: number
  readonly routesPresent: number
  readonly changes: number
  /** What it was made for: "nodes" where the cluster changed. */
  readonly triggers?: readonly string[]
  /** From the first of the triggers to the kernel's last answer. */
  readonly tookMs: number
  /** The largest packet that a pod here can send to any other; absent: the plugin asks the default route. */
  readonly podMtu?: number | undefined
  readonly complaints: readonly Problem[]
}

interface NodeWays {
  readonly routes: readonly {
    readonly family: 4 | 6
    readonly destination: string
    readonly gateway?: string | undefined
  }[]
  readonly ways: Readonly<Partial<Record<4 | 6, string>>>
}

export const problemReport = ({ code, message, details }: Problem): ProblemReport => ({ code, message, details })

/** What of the report a pass says. */
export function passReport({ plan, routesWanted, routesPresent, complaints }: PassOutcome) {
  return {
    mode: plan?.here.mode,
    podCidrs: plan?.self.podCidrs.map(formatPrefix) ?? [],
    nodes: plan?.members.length ?? 0,
    routes: { wanted: routesWanted, present: routesPresent },
    ways: Array.from(plan?.desired.plans ?? []).flatMap(waysTo),
    problems: complaints.map(problemReport),
  } satisfies Partial<AgentReport>
}

const waysTo = ([node, { routes, ways }]: readonly [string, NodeWays]): WayReport[] =>
  routes.map(({ family, destination, gateway }) => ({ node, destination, way: ways[family], via: gateway }))

// One pass: what should be, what is, and the difference made. Nothing is sent where there is none.
import type { ClusterNode } from '../cluster/node.ts'
import { Problem } from '../problem.ts'
import type { Comparison } from './comparison.ts'
import type { Desired } from './desired.ts'
import type { NodeKernel } from './node-kernel.ts'
import type { Observed } from './observed.ts'
import type { Plan, Planner } from './planner.ts'
import { podMtu } from './pod-mtu.ts'
import { deviceRequests, settingRequests } from './tunnel.ts'
import { type TunnelNumbers, wantedTunnel } from './wanted-tunnel.ts'

export interface Pass {
  /** Undefined where the list does not know this node. */
  readonly plan: Plan | undefined
  readonly routesWanted: number
  /** Of those, how many the kernel has now. */
  readonly routesPresent: number
  readonly changes: number
  /** What pods should be made with; undefined where nothing tells. */
  readonly podMtu: number | undefined
  readonly problems: readonly Problem[]
}

/** Something else that each pass keeps right. What is wrong with it comes back. */
export interface Duty {
  /** What must be so before a route to a new node is there. */
  prepare?(plan: Plan): readonly Problem[]
  keep?(pass: Pass): readonly Problem[]
}

export interface PassParts {
  readonly duties: readonly Duty[]
  readonly kernel: NodeKernel
  readonly comparison: Comparison
  readonly planner: Planner
  readonly ownName: string
  readonly tunnel: TunnelNumbers
}

export function pass(parts: PassParts, nodes: readonly ClusterNode[]): Pass {
  const { kernel, planner, comparison, ownName, tunnel, duties } = parts
  const plan = planner.plan(nodes, kernel.observe())
  // Whoever takes this node off the list takes no pod's routes away with it.
  if (plan === undefined) return { ...nothingDone, problems: [unknownNode(ownName, nodes)] }
  const unprepared = duties.flatMap(duty => duty.prepare?.(plan) ?? [])
  const device = keepTunnel(kernel, plan, tunnel)
  const wanted = reachable(plan.desired, kernel.observe())
  const { changes, problems } = comparison.difference(wanted, kernel.observe())
  const refused = refusals(kernel.apply(changes))
  const observed = kernel.observe()
  const done = {
    plan,
    routesWanted: plan.desired.routes.size,
    routesPresent: comparison.isSettled(plan.desired, observed)
      ? plan.desired.routes.size
      : countOf(plan.desired, observed),
    changes: device.changes + changes.length,
    podMtu: podMtu(plan.self, plan.here.mode, plan.here.underlay, observed),
    problems: [...plan.problems, ...plan.desired.problems, ...unprepared, ...device.problems, ...problems, ...refused],
  }
  const after = duties.flatMap(duty => duty.keep?.(done) ?? [])
  return { ...done, problems: [...done.problems, ...after] }
}

export const nothingDone = { plan: undefined, routesWanted: 0, routesPresent: 0, changes: 0, podMtu: undefined }

/** The device as it should be, or not there where nobody needs it. */
function keepTunnel(kernel: NodeKernel, plan: Plan, numbers: TunnelNumbers): Pick<Pass, 'changes' | 'problems'> {
  try {
    const isNeeded = plan.desired.entries.size > 0
    const wanted = isNeeded ? wantedTunnel(plan.self, plan.here, kernel.observe(), numbers) : undefined
    const requests = deviceRequests(wanted, kernel.observe().tunnel)
    const problems = kernel.perform(requests).map(tunnelProblem)
    const settings = wanted === undefined ? [] : settingRequests(wanted, kernel.observe())
    problems.push(...refusals(kernel.perform(settings)))
    return { changes: requests.length + settings.length, problems }
  } catch (error) {
    if (error instanceof Problem) return { changes: 0, problems: [error] }
    throw error
  }
}

/** Without a tunnel, direct routes go on. */
function reachable(desired: Desired, { tunnel }: Observed): Pick<Desired, 'routes' | 'entries' | 'touched'> {
  if (tunnel !== undefined) return desired
  const direct = Array.from(desired.routes).filter(([, { device }]) => device !== 'tunnel')
  return { routes: new Map(direct), entries: new Map(), touched: [] }
}

const countOf = ({ routes: wanted }: Desired, { routes }: Observed): number =>
  wanted.keys().reduce((count, text) => count + (routes.has(text) ? 1 : 0), 0)

function unknownNode(name: string, nodes: readonly ClusterNode[]): Problem {
  const known = nodes.slice(0, 5).map(node => node.name)
  const some = `${known.join(', ')}${nodes.length > known.length ? ', …' : ''}`
  return new Problem(
    'NODE_UNKNOWN',
    `this node, ${name}, is not among the cluster's ${nodes.length}${nodes.length > 0 ? `: ${some}` : ''}`,
    'All routes stay as they are. The name must be the one in the list: see --node.',
  )
}

const tunnelProblem = (error: Error): Problem =>
  new Problem(
    'TUNNEL_UNAVAILABLE',
    `no tunnel to nodes of other networks: ${error.message}`,
    'Nodes on the same network are reached all the same. The kernel needs VXLAN (modprobe vxlan), and no other device with its number and port.',
    error,
  )

function refusals(errors: readonly Error[]): Problem[] {
  const [first] = errors
  if (first === undefined) return []
  const count = errors.length === 1 ? 'a change' : `${errors.length} changes`
  return [new Problem('KERNEL_REFUSED', `the kernel refused ${count}: ${first.message}`, 'Tried again soon.', first)]
}

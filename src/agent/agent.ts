// The loop: a pass at the start, at every change of nodes or kernel, and every so often; never two at once, and one for all that came meanwhile.
import type { ClusterNode } from '../cluster/node.ts'
import type { NodeSource } from '../cluster/node-source.ts'
import { NETLINK_ROUTE } from '../netlink/connection.ts'
import { Wakeup } from '../netlink/wakeup.ts'
import { Problem } from '../problem.ts'
import type { AgentLog } from './agent-log.ts'
import { Comparison } from './comparison.ts'
import { Complaints } from './complaints.ts'
import { Judge } from './membership.ts'
import { ownNetworks } from './networks.ts'
import { GROUPS, NodeKernel } from './node-kernel.ts'
import { type Duty, nothingDone, type Pass, pass } from './pass.ts'
import { Planner } from './planner.ts'
import { podMtu } from './pod-mtu.ts'
import type { Mode } from './surroundings.ts'
import type { TunnelNumbers } from './wanted-tunnel.ts'

export type { Duty } from './pass.ts'

export type Trigger = 'start' | 'nodes' | 'kernel' | 'timer' | 'sweep' | 'retry'

export interface Report extends Pass {
  readonly triggers: readonly Trigger[]
  /** From the first of the triggers to the kernel. */
  readonly tookMs: number
  /** All that is wrong, the source of nodes included. */
  readonly complaints: readonly Problem[]
}

export interface AgentOptions {
  readonly ownName: string
  readonly mode: Mode
  readonly tunnel: TunnelNumbers & { readonly family?: 4 | 6 | undefined }
  readonly everyMs?: number
}

export interface AgentParts {
  readonly source: NodeSource
  readonly log: AgentLog
  readonly duties?: readonly Duty[]
  readonly onPass?: (report: Report) => void
  /** Once for each thing that goes wrong. */
  readonly onComplaint?: (problem: Problem) => void
}

const EVERY_MS = 30_000
// What others change often is looked at this often.
const KERNEL_PAUSE_MS = 50
const RETRY_FIRST_MS = 500
// A two thousandth of the time.
const SWEEP_SHARE = 2000

export class Agent implements Disposable {
  readonly #options: AgentOptions
  readonly #parts: AgentParts
  readonly #kernel: NodeKernel
  readonly #planner: Planner
  readonly #comparison = new Comparison()
  readonly #complaints = new Complaints()
  readonly #undo = new DisposableStack()
  #sourceTroubles: Problem[] = []
  #nodes: readonly ClusterNode[] | undefined
  #due: { readonly at: number; readonly triggers: Set<Trigger>; readonly timer: NodeJS.Immediate } | undefined
  #sweep = { at: Number.NEGATIVE_INFINITY, tookMs: 0 }
  #retryMs = RETRY_FIRST_MS
  #retry: NodeJS.Timeout | undefined

  /** In the network namespace of the calling thread. Works until it is disposed of; what it made in the kernel stays. */
  constructor(options: AgentOptions, parts: AgentParts) {
    this.#options = options
    this.#parts = parts
    this.#planner = new Planner(options.ownName, options.mode, options.tunnel.family)
    this.#kernel = this.#undo.use(NodeKernel.open())
    this.#undo.use(new Wakeup(NETLINK_ROUTE, GROUPS, KERNEL_PAUSE_MS, () => this.#onKernel(), this.#kernel.port))
    const timer = setInterval(() => this.#tick(), options.everyMs ?? EVERY_MS)
    this.#undo.defer(() => clearInterval(timer))
    const listener = {
      onNodes: (nodes: readonly ClusterNode[]) => this.#onNodes(nodes),
      onTrouble: (problem: Problem) => this.#onTrouble(problem),
    }
    this.#undo.use(parts.source.start(listener))
  }

  /** This node without what cannot be its pods', before the list of nodes is there. */
  ownClaims(self: ClusterNode): ClusterNode {
    return new Judge(ownNetworks(this.#kernel.observe())).kept(self) ?? self
  }

  /** What pods should be made with, before the list of nodes is there. */
  podMtu(self: ClusterNode): number | undefined {
    const { mode, tunnel } = this.#options
    return podMtu(self, mode, tunnel.family ?? self.addresses[0]?.family ?? 4, this.#kernel.observe())
  }

  #onNodes(nodes: readonly ClusterNode[]): void {
    const trigger = this.#nodes === undefined ? 'start' : 'nodes'
    this.#nodes = nodes
    this.#sourceTroubles = []
    this.#want(trigger)
  }

  #onTrouble(problem: Problem): void {
    this.#sourceTroubles = [...this.#sourceTroubles.filter(({ message }) => message !== problem.message), problem]
    this.#say([...this.#complaints.current, problem])
  }

  /** Everything is read anew, though nothing was heard: with thousands of nodes less often, so that it stays a small part of the time. */
  #tick(): void {
    const { at, tookMs } = this.#sweep
    if (performance.now() - at >= tookMs * SWEEP_SHARE) {
      this.#kernel.forget()
      this.#want('sweep')
    } else this.#want('timer')
  }

  #onKernel(): void {
    if (this.#kernel.hasNews()) this.#want('kernel')
  }

  /** A pass, as soon as what happens now has happened. */
  #want(trigger: Trigger): void {
    this.#due ??= { at: performance.now(), triggers: new Set(), timer: setImmediate(() => this.#pass()) }
    this.#due.triggers.add(trigger)
  }

  #pass(): void {
    const { at, triggers } = this.#due ?? { at: performance.now(), triggers: new Set<Trigger>() }
    this.#due = undefined
    // Without a list, nothing is known to be wrong.
    if (this.#nodes === undefined) return
    const done = this.#attempt(this.#nodes)
    const complaints = [...this.#sourceTroubles, ...done.problems]
    const report = { ...done, triggers: [...triggers], tookMs: performance.now() - at, complaints }
    this.#say(complaints)
    if (triggers.has('sweep')) this.#sweep = { at, tookMs: report.tookMs }
    this.#tryAgain(done.problems.some(({ code }) => code === 'KERNEL_REFUSED'))
    this.#parts.onPass?.(report)
    if (report.changes > 0) this.#parts.log.info(summary(report), 'changed')
  }

  #attempt(nodes: readonly ClusterNode[]): Pass {
    const { ownName, tunnel } = this.#options
    const { id, port } = tunnel
    try {
      const { duties = [] } = this.#parts
      const own = { kernel: this.#kernel, planner: this.#planner, comparison: this.#comparison }
      return pass({ ...own, ownName, tunnel: { id, port }, duties }, nodes)
    } catch (error) {
      this.#kernel.forget()
      const message = `a pass failed: ${error instanceof Error ? error.message : error}`
      const problem = new Problem('KERNEL_REFUSED', message, 'Tried again soon.', error)
      return { ...nothingDone, problems: [problem] }
    }
  }

  #tryAgain(isNeeded: boolean): void {
    clearTimeout(this.#retry)
    if (!isNeeded) {
      this.#retryMs = RETRY_FIRST_MS
      return
    }
    this.#retry = setTimeout(() => this.#want('retry'), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, this.#options.everyMs ?? EVERY_MS)
  }

  #say(problems: readonly Problem[]): void {
    const { begun, over } = this.#complaints.update(problems)
    for (const problem of begun) {
      this.#parts.log.warn({ code: problem.code, details: problem.details }, problem.message)
      this.#parts.onComplaint?.(problem)
    }
    for (const { code, message } of over) this.#parts.log.info({ code }, `over: ${message}`)
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#due?.timer)
    clearTimeout(this.#retry)
    this.#undo.dispose()
  }
}

const summary = ({ triggers, tookMs, changes, routesWanted, routesPresent }: Report) => ({
  triggers,
  tookMs: Math.round(tookMs * 10) / 10,
  changes,
  routesWanted,
  routesPresent,
})

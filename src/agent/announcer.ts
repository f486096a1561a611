// Tells the world what a pass left: the conflist to the runtime, the state to the plugin, numbers and reasons to who asks over HTTP.
import type { ClusterNode } from '../cluster/node.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { Problem, type ProblemCode } from '../problem.ts'
import { type AgentReport, type PassOutcome, passReport, problemReport } from './agent-report.ts'
import { type ConflistOptions, conflist } from './conflist.ts'
import { writeConflist } from './conflist-file.ts'
import type { Answers } from './http.ts'
import { podCidrOf } from './membership.ts'
import type { Metrics } from './metrics.ts'
import { beforeFirstPass, type Readiness, readiness, unreadiness } from './readiness.ts'
import { readState, writeState } from './state-file.ts'

export interface AnnouncerOptions {
  readonly node: string
  /** Where the agent tells its state. */
  readonly stateFile: string
  /** Absent: somebody else writes it. */
  readonly conflist?:
    | { readonly file: string; readonly options: Omit<ConflistOptions, 'podCidrs' | 'agentFile'> }
    | undefined
  /** A pass is due so often: three missed ones are an illness. */
  readonly everyMs: number
  readonly metrics: Metrics
  /** Of what is found here: said once, until it is over. */
  readonly say: (problem: Problem | undefined) => void
}

const MISSED = 3
// Why a pass has no plan.
const planless: readonly ProblemCode[] = ['NODE_UNKNOWN', 'KERNEL_REFUSED']

export class Announcer {
  /** Where it answers, once it does. */
  listens: string | undefined
  readonly #options: AnnouncerOptions
  #outcome: PassOutcome | undefined
  /** For the runtime. */
  #ready: Readiness = beforeFirstPass
  /** For who looks after the agent. */
  #unreadiness = beforeFirstPass.message
  #passedAt = new Date()
  /** The same by a clock that nobody sets. */
  #passedMs = performance.now()
  #lastError: AgentReport['lastError']
  #standing: ReadonlySet<string> = new Set()
  #isServing = false

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** Whether pods have a network now. */
  onPass(outcome: PassOutcome): boolean {
    const { metrics, say } = this.#options
    const { complaints, changes } = outcome
    this.#outcome = outcome
    this.#passedAt = new Date()
    this.#passedMs = performance.now()
    const unwritten = this.#attempt(() => this.#writeConflist(outcome.plan?.self, outcome.podMtu, complaints))
    this.#ready = readiness(complaints, unwritten)
    this.#unreadiness = unreadiness(complaints, unwritten)
    const untold = this.#attempt(() => this.#writeState(outcome.plan?.self))
    const own = unwritten ?? untold
    const isNews = own !== undefined && !complaints.some(({ message }) => message === own.message)
    say(isNews ? own : undefined)
    const standing = isNews ? [...complaints, own] : complaints
    this.#remember(standing)
    metrics.setReady(this.#unreadiness === undefined)
    metrics.setNodes(outcome.plan?.members.length ?? 0)
    metrics.setRoutes({ wanted: outcome.routesWanted, present: outcome.routesPresent })
    metrics.countChanges(changes)
    if (outcome.triggers?.includes('nodes')) metrics.observeEvent(outcome.tookMs)
    const result = standing.length > 0 ? 'failed' : changes > 0 ? 'changed' : 'unchanged'
    metrics.countPass(
      result,
      standing.map(({ code }) => code),
    )
    return this.#ready.ready
  }

  /** Before the first pass, pods can be made as soon as this node is known, whoever else is. */
  foretell(self: ClusterNode, podMtu: number | undefined): void {
    if (this.#outcome === undefined && self.podCidrs.length > 0)
      this.#options.say(this.#attempt(() => this.#writeConflist(self, podMtu)))
  }

  /** Until the first pass: why it does not come yet, where anything is known. */
  waiting(problem?: Problem): void {
    if (this.#outcome !== undefined) return
    const { stateFile, say } = this.#options
    if (problem !== undefined) this.#remember([problem], this.#standing)
    const message = [beforeFirstPass.message, ...(problem === undefined ? [] : [problem.message])].join(': ')
    this.#ready = { ...beforeFirstPass, message }
    this.#unreadiness = message
    // With what an earlier agent left, pods can be made.
    const untold = readState(stateFile)?.ready === true ? undefined : this.#attempt(() => this.#writeState(undefined))
    if (untold !== undefined) say(untold)
  }

  /** What is asked over HTTP. */
  answers(): Answers {
    const { metrics, everyMs } = this.#options
    return {
      illness: () => {
        const silentMs = performance.now() - this.#passedMs
        // Before the first pass it waits for the cluster, which starting it anew brings no sooner.
        if (this.#outcome === undefined || silentMs < MISSED * everyMs) return undefined
        return `no pass for ${Math.round(silentMs / 1000)} s`
      },
      unreadiness: () => this.#unreadiness,
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
      status: () => this.report(),
    }
  }

  report(): AgentReport {
    const { node, conflist } = this.#options
    const message = this.#unreadiness
    const nothing = { podCidrs: [], nodes: 0, routes: { wanted: 0, present: 0 }, ways: [], problems: [] }
    const masquerade = this.#outcome?.plan && conflist?.options.masquerade
    return {
      node,
      ready: message === undefined,
      message,
      ...(this.#outcome === undefined ? nothing : passReport(this.#outcome)),
      masquerade: masquerade && { except: masquerade.except.map(formatPrefix) },
      network: conflist?.options.network,
      conflist: conflist?.file,
      lastPass: this.#outcome && {
        at: this.#passedAt.toISOString(),
        tookMs: this.#outcome.tookMs,
        changes: this.#outcome.changes,
      },
      lastError: this.#lastError,
    }
  }

  #writeConflist(self: ClusterNode | undefined, podMtu: number | undefined, complaints: readonly Problem[] = []): void {
    const { conflist: wanted, stateFile, node } = this.#options
    if (self === undefined || self.podCidrs.length === 0) {
      // What was right a moment ago serves on: pods run by it.
      if (this.#isServing) return
      const why = complaints.find(({ code, message }) =>
        self === undefined ? planless.includes(code) : message.startsWith(`${podCidrOf(node)} `),
      )
      if (why !== undefined) throw new Problem(why.code, why.message, why.details)
      if (self === undefined) throw new Problem('NOT_AVAILABLE', `this node, ${node}, is not among the cluster's yet`)
    }
    if (wanted !== undefined) {
      const text = conflist({ mtu: podMtu, ...wanted.options, podCidrs: self.podCidrs, agentFile: stateFile })
      writeConflist(wanted.file, text)
    }
    this.#isServing = true
  }

  #writeState(self: ClusterNode | undefined): void {
    const { node, stateFile, conflist } = this.#options
    const podCidrs = self?.podCidrs.map(formatPrefix)
    const known = {
      node,
      ...(podCidrs && { podCidrs }),
      ...(conflist && { conflist: conflist.file }),
      ...(conflist?.options.network !== undefined && { network: conflist.options.network }),
      ...(this.listens !== undefined && { listens: this.listens }),
    }
    writeState(stateFile, { ...this.#ready, ...known })
  }

  /** Each new one is counted once, however many passes it stands. `others`: what stands besides. */
  #remember(standing: readonly Problem[], others: Iterable<string> = []): void {
    for (const problem of standing) {
      if (this.#standing.has(problem.message)) continue
      this.#options.metrics.countError(problem.code)
      this.#lastError = { ...problemReport(problem), at: new Date().toISOString() }
    }
    this.#standing = new Set([...others, ...standing.map(({ message }) => message)])
  }

  #attempt(work: () => void): Problem | undefined {
    try {
      work()
      return undefined
    } catch (error) {
      if (error instanceof Problem) return error
      throw error
    }
  }
}

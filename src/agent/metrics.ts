// What the agent counts, in Prometheus' format. Nothing is gathered while nobody asks.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** How full one range set is. */
export interface RangeUse {
  readonly range: string
  readonly used: number
  /** Absent where a million or more are left. */
  readonly free?: number
}

export interface Asked {
  readonly ranges: () => Promise<readonly RangeUse[]>
}

export type PassResult = 'unchanged' | 'changed' | 'failed'
export type Reclaimed = 'address' | 'link' | 'record' | 'rule'

const gauges = {
  nodes: ['podwire_nodes', 'Nodes of the cluster that the agent knows, this one included'],
  routesWanted: ['podwire_routes_wanted', 'Routes to other nodes that there should be'],
  routesPresent: ['podwire_routes_present', 'Routes to other nodes that the kernel has, as the last pass left them'],
  ready: [
    'podwire_ready',
    '1 while /readyz says so: the conflist is written and the last pass was clean; what is wrong with other nodes or the API server does not count',
  ],
  lastPass: ['podwire_last_pass_timestamp_seconds', 'When the last pass ended'],
} as const

const changesTotal = ['podwire_changes_total', 'Changes that the kernel was asked for'] as const

const labelled = {
  problems: ['podwire_problems', 'What the last pass found that it could not put right, by code', 'code'],
  addressesUsed: ['podwire_addresses_used', 'Addresses of a range that pods have', 'range'],
  addressesFree: [
    'podwire_addresses_free',
    'Addresses of a range that are left; absent where a million or more are',
    'range',
  ],
} as const

const counters = {
  passes: ['podwire_passes_total', 'Comparisons of what is with what should be, by result', 'result'],
  reclaimed: ['podwire_reclaimed_total', 'What dead pods had left and the agent took back, by kind', 'kind'],
  errors: ['podwire_errors_total', 'Failures, by code', 'code'],
} as const

const EVENT_TO_KERNEL = 'podwire_event_to_kernel_seconds'
const EVENT_TO_KERNEL_HELP = "From a change of a node, as it reached the agent, to the kernel's answer"
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics({ ranges }: Asked) {
  const registry = new Registry()
  const registers = [registry]
  const gauge = ([name, help]: readonly [string, string]) => new Gauge({ name, help, registers })
  const gaugeBy = <L extends string>(
    [name, help, label]: readonly [string, string, L],
    collect?: () => Promise<void>,
  ) => new Gauge({ name, help, labelNames: [label], registers, ...(collect && { collect }) })
  const counterBy = <L extends string>([name, help, label]: readonly [string, string, L]) =>
    new Counter({ name, help, labelNames: [label], registers })

  const fill = async (): Promise<void> => {
    const uses = await ranges()
    for (const metric of [used, free]) metric.reset()
    for (const use of uses) used.set({ range: use.range }, use.used)
    for (const use of uses) if (use.free !== undefined) free.set({ range: use.range }, use.free)
  }
  const free = gaugeBy(labelled.addressesFree)
  const used = gaugeBy(labelled.addressesUsed)
  const problems = gaugeBy(labelled.problems)
  const passes = counterBy(counters.passes)
  const changes = new Counter({ name: changesTotal[0], help: changesTotal[1], registers })
  const reclaimed = counterBy(counters.reclaimed)
  const errors = counterBy(counters.errors)
  const eventToKernel = new Histogram({
    name: EVENT_TO_KERNEL,
    help: EVENT_TO_KERNEL_HELP,
    buckets: BUCKETS,
    registers,
  })
  const nodes = gauge(gauges.nodes)
  const wanted = gauge(gauges.routesWanted)
  const present = gauge(gauges.routesPresent)
  const ready = gauge(gauges.ready)
  const lastPass = gauge(gauges.lastPass)

  return {
    setNodes: (count: number): void => nodes.set(count),
    setReady: (isReady: boolean): void => ready.set(isReady ? 1 : 0),
    setRoutes(counts: { readonly wanted: number; readonly present: number }): void {
      wanted.set(counts.wanted)
      present.set(counts.present)
    },
    /** `problems`: the codes of those that stand. */
    countPass(result: PassResult, standing: readonly string[]): void {
      passes.inc({ result })
      lastPass.setToCurrentTime()
      problems.reset()
      for (const code of standing) problems.inc({ code })
    },
    countChanges: (count: number): void => changes.inc(count),
    countReclaimed: (kind: Reclaimed, count = 1): void => reclaimed.inc({ kind }, count),
    countError: (code: string): void => errors.inc({ code }),
    observeEvent: (milliseconds: number): void => eventToKernel.observe(milliseconds / 1000),
    /** Prometheus' text. Ranges that cannot be read are left out: the rest is needed then more than ever. */
    async text(): Promise<string> {
      await fill().catch(() => errors.inc({ code: 'INPUT_OUTPUT' }))
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

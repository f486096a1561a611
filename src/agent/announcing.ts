// The announcer with all that it needs: metrics, the answers over HTTP, and the log.
import type { ClusterNode } from '../cluster/node.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { AgentLog } from './agent-log.ts'
import type { PassOutcome } from './agent-report.ts'
import { Announcer, type AnnouncerOptions } from './announcer.ts'
import { Complaints, type News } from './complaints.ts'
import { serve } from './http.ts'
import type { ListenAddress } from './listen-address.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { obstacles } from './obstacles.ts'
import { rangeUse } from './range-use.ts'

export interface AnnouncingOptions extends Pick<AnnouncerOptions, 'node' | 'conflist' | 'everyMs'> {
  /** /run/podwire: the agent's state goes there, and the plugin's is there. */
  readonly runDir: string
  readonly listen: ListenAddress | undefined
  readonly log: AgentLog
  /** The addresses that the kernel shows in use. */
  readonly liveAddresses: () => ReadonlySet<string>
}

export interface Announcing extends AsyncDisposable {
  /** For whoever counts what it does: reclaims, events. */
  readonly metrics: Metrics
  /** Whether pods have a network now. */
  onPass(outcome: PassOutcome): boolean
  /** What went wrong: tells of it where it keeps the first pass from coming. */
  onComplaint(problem: Problem): void
  /** Of this node alone, before the others are known. */
  foretell(self: ClusterNode, podMtu: number | undefined): void
}

const OBSTACLES_EVERY_MS = 300_000

/** In the network namespace of the calling thread. */
export async function announcing(options: AnnouncingOptions): Promise<Announcing> {
  const { node, conflist, everyMs, runDir, listen, log, liveAddresses } = options
  const undo = new AsyncDisposableStack()
  const [own, found] = [new Complaints(), new Complaints()]
  let podCidrs: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  const metrics = createMetrics({
    ranges: () => rangeUse({ podCidrs, runDir, network: conflist?.options.network, liveAddresses }),
  })
  const say = (problem: Problem | undefined): void => tell(log, own.update(problem === undefined ? [] : [problem]))
  const announcer = new Announcer({ node, conflist, everyMs, metrics, say, stateFile: `${runDir}/agent.json` })
  if (listen !== undefined) announcer.listens = undo.use(await serve(listen, announcer.answers())).listens
  announcer.waiting()
  undo.defer(() => clearInterval(timer))

  const look = (): void => tell(log, found.update(obstacles(conflist?.file, podCidrs).map(asProblem)))
  return {
    metrics,
    onPass(outcome) {
      podCidrs = outcome.plan?.self.podCidrs.map(formatPrefix) ?? podCidrs
      const isReady = announcer.onPass(outcome)
      if (timer === undefined) {
        look()
        timer = setInterval(look, OBSTACLES_EVERY_MS)
      }
      return isReady
    },
    onComplaint: problem => announcer.waiting(problem),
    foretell: (self, mtu) => announcer.foretell(self, mtu),
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

const asProblem = ({ what, mend }: { readonly what: string; readonly mend: string }): Problem =>
  new Problem('OBSTRUCTED', what, mend)

function tell(log: AgentLog, { begun, over }: News): void {
  for (const { code, message, details } of begun) log.warn({ code, details }, message)
  for (const { code, message } of over) log.info({ code }, `over: ${message}`)
}

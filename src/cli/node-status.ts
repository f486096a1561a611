// What `podwire status` knows of a node, from wherever it could be learned.
import type { AgentReport, WayReport } from '../agent/agent-report.ts'
import type { Finding } from '../agent/finding.ts'
import type { RangeUse } from '../agent/metrics.ts'
import type { AgentState } from '../agent/state-file.ts'

export interface NodeStatus {
  readonly release: string
  /** What the agent last wrote; absent where none has finished a pass since the node started. */
  readonly state: AgentState | undefined
  /** What it says now; absent where it does not answer. */
  readonly report: AgentReport | undefined
  /** Why not. */
  readonly silence: string | undefined
  readonly ranges: readonly RangeUse[]
  /** As the kernel has them, where the agent says nothing. */
  readonly ways: readonly WayReport[]
  readonly findings: readonly Finding[]
  /** What could not be looked up. */
  readonly unknown: readonly string[]
}

/** For scripts: 0 where all is well, 1 where somebody should look. */
export function exitCode({ state, silence, report, findings }: NodeStatus): 0 | 1 {
  const isReady = (report ?? state)?.ready === true
  const isWhole =
    report === undefined || (report.problems.length === 0 && report.routes.present >= report.routes.wanted)
  return isReady && isWhole && silence === undefined && findings.length === 0 ? 0 : 1
}

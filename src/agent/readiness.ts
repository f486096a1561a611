// Whether pods can be made here, and whether those that run lack something: what STATUS answers, and the probe for readiness.
import type { Problem, ProblemCode } from '../problem.ts'
import type { AgentState } from './state-file.ts'

export type Readiness = Pick<AgentState, 'ready' | 'code' | 'message'>

/** Pods that run lose their way to others. What else stands (a node that makes no sense, another's claim) is theirs to mend, and only told. */
const limiting: readonly ProblemCode[] = ['KERNEL_REFUSED', 'TUNNEL_UNAVAILABLE', 'NFTABLES_MISSING']

export const beforeFirstPass: Readiness = {
  ready: false,
  code: 50,
  message: 'the agent has not finished its first pass yet',
}

/** `conflist`: why it is not written. */
export function readiness(complaints: readonly Problem[], conflist: Problem | undefined): Readiness {
  const limit = complaints.find(({ code }) => limiting.includes(code))
  if (limit !== undefined) return { ready: false, code: 51, message: limit.message }
  return conflist === undefined ? { ready: true } : { ready: false, code: 50, message: conflist.message }
}

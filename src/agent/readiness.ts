// Whether pods can be made here, and whether those that run lack something: what STATUS answers, and the probe for readiness.
import type { Problem, ProblemCode } from '../problem.ts'
import type { AgentState } from './state-file.ts'

export type Readiness = Pick<AgentState, 'ready' | 'code' | 'message'>

/** Pods that run lose their way to others: the runtime has to know. What else stands is only told. */
const limiting: readonly ProblemCode[] = ['KERNEL_REFUSED', 'TUNNEL_UNAVAILABLE', 'NFTABLES_MISSING']

/**
 * What is said of other nodes, or of who lists them. With these a pass is clean: it did all that can be done here, and one
 * node's senseless object, or an API server that is away, would make every agent of the cluster unready, and stop its rollout.
 */
const elsewhere: readonly ProblemCode[] = [
  'NODE_INVALID',
  'NODE_UNREACHABLE',
  'CIDR_REFUSED',
  'NODES_UNREADABLE',
  'API_UNREACHABLE',
  'API_REFUSED',
  'API_NOT_FOUND',
  'API_EXPIRED',
  'WATCH_CLOSED',
]

export const beforeFirstPass: Readiness = {
  ready: false,
  code: 50,
  message: 'the agent has not finished its first pass yet',
}

/** For STATUS. `conflist`: why it is not written. */
export function readiness(complaints: readonly Problem[], conflist: Problem | undefined): Readiness {
  const limit = complaints.find(({ code }) => limiting.includes(code))
  if (limit !== undefined) return { ready: false, code: 51, message: limit.message }
  return conflist === undefined ? { ready: true } : { ready: false, code: 50, message: conflist.message }
}

/** For the probe: why it says no. */
export const unreadiness = (complaints: readonly Problem[], conflist: Problem | undefined): string | undefined =>
  (conflist ?? complaints.find(({ code }) => !elsewhere.includes(code)))?.message

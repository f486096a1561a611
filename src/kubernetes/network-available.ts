// The node condition NetworkUnavailable: clouds set it on a new node, which stays tainted until somebody says that pods have a network.
import type { ApiAccess } from './api-access.ts'
import { call, callForJson } from './api-call.ts'
import { nodesPath } from './list-nodes.ts'

/** Whether it had to be said. Needs the right to patch nodes/status. */
export async function sayNetworkAvailable(access: ApiAccess, node: string, nowMs: number): Promise<boolean> {
  const path = `${nodesPath}/${encodeURIComponent(node)}`
  // Of the API server's memory: what it learned a moment ago is found at the next look.
  const { status } = Object(await callForJson(access, { path, query: { resourceVersion: '0' } }))
  if (isAvailable(Object(status).conditions)) return false
  const body = { type: 'application/strategic-merge-patch+json', value: { status: { conditions: [condition(nowMs)] } } }
  const answer = await call(access, { method: 'PATCH', path: `${path}/status`, body })
  answer.resume()
  return true
}

const isAvailable = (conditions: unknown): boolean =>
  Array.isArray(conditions) &&
  conditions.some(one => Object(one).type === 'NetworkUnavailable' && Object(one).status === 'False')

function condition(nowMs: number) {
  const now = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    type: 'NetworkUnavailable',
    status: 'False',
    reason: 'PodwireIsUp',
    message: 'podwire gives pods their network on this node',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  }
}

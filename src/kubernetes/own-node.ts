// One node's own object, by one request: what must not wait for the list.
import type { ClusterNode } from '../cluster/node.ts'
import { hasCode, Problem } from '../problem.ts'
import type { ApiAccess } from './api-access.ts'
import { callForJson } from './api-call.ts'
import { clusterNode } from './cluster-node.ts'
import { nodesPath } from './list-nodes.ts'

export async function ownNode(access: ApiAccess, name: string, signal?: AbortSignal): Promise<ClusterNode> {
  const path = `${nodesPath}/${encodeURIComponent(name)}`
  const object = await callForJson(access, { path, ...(signal && { signal }) }).catch(error => {
    if (!hasCode(error, 'API_NOT_FOUND')) throw error
    const message = `the API server knows no node ${name}: it should be the name that this node's kubelet registers (--node, or NODE_NAME from spec.nodeName)`
    throw new Problem('API_NOT_FOUND', message, '', error)
  })
  const node = clusterNode(object)
  if (node?.name === name) return node
  throw new Problem('NODE_INVALID', `the API server answers with no Node object when asked for node ${name}`)
}

// A cluster of one node that has just been started, and how long it takes to be Ready once podwire's manifest is there.
import { join } from 'node:path'
import { LocalCluster } from '../../../e2e/cluster/local-cluster.ts'
import { root } from '../programs.ts'

export interface FreshStart {
  /** Seconds from the beginning of `kubectl apply`. */
  readonly sinceAsked: number
  /** From its end: the API server has the DaemonSet, and no pod yet. */
  readonly sinceApplied: number
}

export async function freshStart(image: string): Promise<FreshStart> {
  await using cluster = await LocalCluster.start({ nodes: 1 })
  for (const node of cluster.nodes) await node.load(image)
  const ready = cluster.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s'])
  const asked = performance.now()
  await cluster.kubectl(['apply', '-f', join(root, 'cni-conf', 'podwire.yaml')])
  const applied = performance.now()
  await ready
  const isReady = performance.now()
  return { sinceAsked: (isReady - asked) / 1000, sinceApplied: (isReady - applied) / 1000 }
}

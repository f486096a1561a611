// Where the list of nodes comes from: the Kubernetes API or a file, behind one face.
import type { Problem } from '../problem.ts'
import type { ClusterNode } from './node.ts'

export interface NodeListener {
  /**
   * All nodes as they are now, at the start and after every change; also, unchanged, when a trouble is over.
   * A node that did not change is the same object as before: what was computed from it stays valid.
   */
  onNodes(nodes: readonly ClusterNode[]): void
  /** The list is not to be had, or part of it makes no sense: said once for as long as it lasts. The last good list stays what it was. */
  onTrouble(problem: Problem): void
}

export interface NodeSource {
  /** Calls the listener from then on, never before this returns, until what it returns is disposed of. */
  start(listener: NodeListener): Disposable
}

// A source of nodes for tests: they are handed over by hand.
import type { ClusterNode } from '../cluster/node.ts'
import type { NodeListener, NodeSource } from '../cluster/node-source.ts'

export class HandedNodes implements NodeSource {
  #listener: NodeListener | undefined

  start(listener: NodeListener): Disposable {
    this.#listener = listener
    return {
      [Symbol.dispose]: () => {
        this.#listener = undefined
      },
    }
  }

  hand(...nodes: readonly ClusterNode[]): void {
    this.#listener?.onNodes(nodes)
  }

  trouble(problem: Parameters<NodeListener['onTrouble']>[0]): void {
    this.#listener?.onTrouble(problem)
  }
}

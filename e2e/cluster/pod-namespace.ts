// The network namespace of a pod, on its node.
import type { Node } from './cluster.ts'

/** Of the pod that has an address. */
export const namespaceOf = (node: Node, address: string): string =>
  node
    .shell(
      `for pod in /run/netns/*; do ! nsenter --net=$pod ip -o address | grep -qF ' ${address}/' || echo $pod; done`,
    )
    .trim()

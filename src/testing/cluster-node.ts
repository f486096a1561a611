// Nodes for tests, in one line each.
import type { ClusterNode } from '../cluster/node.ts'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'

const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

/** `clusterNode('b', '192.0.2.2 2001:db8::2', '10.244.2.0/24', 5)`, the last being its age in milliseconds after 1970. */
export const clusterNode = (name: string, addresses: string, podCidrs: string, createdAtMs?: number): ClusterNode => ({
  name,
  addresses: words(addresses).map(parseAddress),
  podCidrs: words(podCidrs).map(parsePrefix),
  ...(createdAtMs !== undefined && { createdAtMs }),
})

// What a node of the cluster is to us: where it is reached, and which pod addresses live behind it.
import type { Address } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'

export interface ClusterNode {
  readonly name: string
  /** Of either family, the preferred one first. */
  readonly addresses: readonly Address[]
  /** Without host bits. The first of a family is the one that the node's own pods are from. */
  readonly podCidrs: readonly Prefix[]
  readonly createdAtMs?: number
}

/** Negative where `a` is older: of two nodes that claim one thing, the older keeps it. A node whose age nobody knows is younger than all others. */
export function compareAge(a: ClusterNode, b: ClusterNode): number {
  const { createdAtMs: mine = Number.MAX_VALUE } = a
  const { createdAtMs: theirs = Number.MAX_VALUE } = b
  if (mine !== theirs) return mine - theirs
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

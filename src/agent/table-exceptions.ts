// To whom pods keep their address: the cluster, and whoever else is asked for.
import type { ClusterNode } from '../cluster/node.ts'
import { bitsOf } from '../ip/address.ts'
import { outermost } from '../ip/outermost.ts'
import { firstOf, formatPrefix, lastOf, type Prefix } from '../ip/prefix.ts'
import { prefixText } from './text.ts'

export interface ExceptionSources {
  /** The cluster's pod networks, where they are known; they take the place of what is gathered from its nodes. */
  readonly cluster: readonly Prefix[]
  /** Nodes whose claims stand: their podCIDRs do not overlap. */
  readonly members: readonly Pick<ClusterNode, 'podCidrs'>[]
  /** This node's own podCIDRs, what its administrator and what its pods ask for. */
  readonly more: readonly Prefix[]
}

/** As texts, none of which contains another. */
export function desiredExceptions({ cluster, members, more }: ExceptionSources): ReadonlySet<string> {
  // Few beside thousands of nodes.
  const few = outermost([...cluster, ...more])
  const cidrs = cluster.length > 0 ? [] : members.flatMap(({ podCidrs }) => podCidrs)
  const gathered = new Set(cidrs.map(prefixText))
  const beside = few.filter(prefix => !wider(prefix).some(text => gathered.has(text)))
  // Thousands are compared with each: as numbers.
  const ranges = beside.map(prefix => ({ prefix, from: firstOf(prefix).value, to: lastOf(prefix).value }))
  const isCovered = ({ address: { family, value }, length }: Prefix): boolean =>
    ranges.some(
      ({ prefix, from, to }) =>
        prefix.address.family === family && prefix.length <= length && from <= value && value <= to,
    )
  return new Set([...beside.map(prefixText), ...cidrs.filter(cidr => !isCovered(cidr)).map(prefixText)])
}

/** Every prefix that contains this one, but itself. */
const wider = ({ address, length }: Prefix): string[] =>
  Array.from({ length: Math.min(length, bitsOf(address.family)) }, (_, shorter) =>
    formatPrefix({ address: firstOf({ address, length: shorter }), length: shorter }),
  )

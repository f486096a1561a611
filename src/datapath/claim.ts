// Takes a port of the node for a pod, unless another pod has it.
import type { Change } from '../nftables/change.ts'
import type { Element } from '../nftables/element.ts'
import type { NftSet } from '../nftables/set.ts'
import { Problem } from '../problem.ts'
import type { ElementsThere } from './elements-there.ts'
import { sets } from './node-table.ts'
import type { HostPort } from './pod-rules.ts'
import type { PodOnNode, PortElement } from './port-elements.ts'

/** The other pods of this node, for who must know of them. */
export interface OtherPods {
  /** All that are there, the oldest first: asked for when the table must be made again. */
  all(): readonly PodOnNode[]
  /** Whose host end has this name. */
  holder(hostInterface: string): 'nobody' | 'same container' | { readonly name: string }
}

const FAMILIES = [4, 6] as const

/** What is in the kernel: an element, and where. */
export interface Held {
  readonly set: NftSet
  readonly element: Element
}

/** What takes the port for the pod; what a pod left that is gone is taken over in the same transaction. */
export function claim(
  there: ElementsThere,
  { set, element, port }: PortElement,
  owner: string,
  others: OtherPods,
): Change[] {
  const mine = { kind: 'elements', set, elements: [element] } as const
  const found = there.find(set, element.key)
  const rivals = port === undefined ? [] : overlapping(there, set, port)
  const inTheWay = [...(found ? [{ set, element: found }] : []), ...rivals].filter(
    ({ element: { comment } }) => comment !== owner,
  )
  if (found !== undefined && inTheWay.length === 0) return []
  const holders = inTheWay.map(({ element: { comment = '' } }) => others.holder(comment))
  if (holders.includes('same container')) return []
  const other = holders.find(holder => typeof holder === 'object')
  if (other !== undefined && port !== undefined) throw taken(port, other.name)
  const stale = inTheWay.map(
    ({ set, element }) => ['destroy', { kind: 'elements', set, elements: [element] }] as Change,
  )
  return [...stale, ['add', mine]]
}

/** A port of every address, and the same of one address, are one port. */
function overlapping(there: ElementsThere, set: NftSet, port: HostPort): Held[] {
  const { protocol, hostPort } = port
  for (const family of FAMILIES) {
    const { ports, portsAt } = sets[family]
    if (set.name === ports.name) return there.ofPort(portsAt, port).map(element => ({ set: portsAt, element }))
    if (set.name === portsAt.name) {
      const element = there.find(ports, [protocol, hostPort])
      return element ? [{ set: ports, element }] : []
    }
  }
  return []
}

const taken = ({ protocol, hostPort, hostAddress }: HostPort, name: string): Problem =>
  new Problem(
    'PORT_TAKEN',
    `host port ${protocol}/${hostPort}${hostAddress ? ` of ${hostAddress}` : ''} is taken by ${name}: delete that pod, or take another hostPort`,
  )

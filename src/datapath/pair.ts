// The veth pair of a pod: one RTM_NEWLINK with both names, both MACs and the MTU, the far end born in the pod's namespace.
import { type Connection, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/connection.ts'
import type { Namespace } from '../netns/namespace.ts'
import { Problem } from '../problem.ts'
import { blankLink, link, RTM_DELLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { linkGroup } from './node-table.ts'
import type { Ends, NewPodLink } from './pod-link.ts'

/** A namespace, and a socket that is open in it. */
export interface Side {
  readonly namespace: Namespace
  readonly connection: Connection
}

const CREATE = NLM_F_CREATE | NLM_F_EXCL

export interface Pair {
  readonly hostIndex: number
  readonly podIndex: number
}

export function createPair(host: Side, pod: Side, want: NewPodLink, ends: Ends): Pair {
  const { hostInterface, interfaceName } = want
  requestPair(host, pod, want, ends)
  const hostIndex = indexOf(host.connection, hostInterface)
  const podIndex = indexOf(pod.connection, interfaceName)
  if (hostIndex !== podIndex) return { hostIndex, podIndex }
  // Two ends of one number look like no pair to the kernel (net/core/link_watch.c: linkwatch_urgent_event), which then says up to a second late that they are up.
  host.connection.request(`delete ${hostInterface}`, RTM_DELLINK, 0, link, {
    ...blankLink,
    index: hostIndex,
    attributes: {},
  })
  requestPair(host, pod, want, ends, hostIndex)
  return { hostIndex, podIndex: indexOf(pod.connection, interfaceName) }
}

/** The kernel chooses the indexes where none is given. */
function requestPair(host: Side, pod: Side, want: NewPodLink, { hostMac, podMac, mtu }: Ends, index = 0): void {
  const { hostInterface: name, interfaceName } = want
  const peer = { ...blankLink, attributes: { name: interfaceName, mtu, address: podMac, netNsFd: pod.namespace.fd } }
  host.connection.request(`create the pair ${name} and ${interfaceName}`, RTM_NEWLINK, CREATE, link, {
    ...blankLink,
    index,
    attributes: { name, mtu, address: hostMac, group: linkGroup(want.rules), info: { kind: 'veth', data: { peer } } },
  })
}

function indexOf(connection: Connection, name: string): number {
  const index = connection.indexOf(name)
  if (index === undefined)
    throw new Problem('KERNEL_REFUSED', `${name} vanished while it was set up: somebody else deletes interfaces here`)
  return index
}

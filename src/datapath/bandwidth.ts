// Holds a pod to its bandwidth: a token bucket on the host end for what it receives, one on an ifb beside that for what it sends.
import type { ValueOf } from '../netlink/codec.ts'
import { type Connection, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import { blankMirred, TC_ACT_STOLEN, TCA_EGRESS_REDIR } from '../rtnetlink/action.ts'
import { blankFilter, everyProtocol, filter, matchAll, RTM_GETTFILTER, RTM_NEWTFILTER } from '../rtnetlink/filter.ts'
import { blankLink, link, RTM_NEWLINK } from '../rtnetlink/link.ts'
import {
  blankQdisc,
  blankTokenBucket,
  INGRESS_HANDLE,
  qdisc,
  RTM_GETQDISC,
  RTM_NEWQDISC,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
  TC_H_ROOT,
} from '../rtnetlink/qdisc.ts'
import { deleteLink, sendAll, upRequest } from './requests.ts'
import type { Bucket, Buckets, ObservedBucket, ObservedShaping } from './shaping.ts'

type Qdisc = ValueOf<typeof qdisc>

const HOST_PREFIX_LENGTH = 2
const SHAPER_PREFIX = 'bw'
const ROOT_HANDLE = 0x1_0000
const U32_MAX = 0xffff_ffff
// Not the first: programs of others that watch traffic take that.
const PRIORITY = 100

// Egress takes an ifb, not a bucket on the pod's own end, though that would need no second interface: whoever is root in the pod could
// take it off with CAP_NET_ADMIN, and with the CAP_NET_RAW that runtimes give to all, send past it (PACKET_QDISC_BYPASS, packet(7)).

/** The ifb of a host end, or what the names of all begin with, of a prefix of host ends. */
export const shaperName = (hostInterface: string): string => SHAPER_PREFIX + hostInterface.slice(HOST_PREFIX_LENGTH)

/** On a fresh pair. Best while it is down: a change of qdisc then waits for no packet that may be under way. */
export function shape(connection: Connection, hostInterface: string, { ingress, egress }: Buckets, mtu: number): void {
  const index = indexOf(connection, hostInterface)
  if (ingress) setBucket(connection, index, hostInterface, ingress)
  if (egress) {
    const shaper = shaperName(hostInterface)
    createShaper(connection, shaper, mtu)
    const shaperIndex = indexOf(connection, shaper)
    setBucket(connection, shaperIndex, shaper, egress)
    sendAll(connection, [upRequest(shaperIndex, shaper)])
    redirect(connection, index, hostInterface, shaperIndex)
  }
}

/** Takes away what the deletion of the host end leaves; success where there is nothing. */
export const unshape = (connection: Connection, hostInterface: string): void =>
  deleteLink(connection, shaperName(hostInterface))

export function observedShaping(connection: Connection, hostInterface: string): ObservedShaping {
  const index = connection.indexOf(hostInterface)
  const shaperIndex = connection.indexOf(shaperName(hostInterface))
  // All of them: asked for one, the kernel tells its multicast group, and not who asked.
  const qdiscs = connection.dump('list qdiscs', RTM_GETQDISC, qdisc, { ...blankQdisc, attributes: {} })
  return {
    ingress: observedBucket(qdiscs, index),
    egress: observedBucket(qdiscs, shaperIndex),
    isRedirected:
      index !== undefined && shaperIndex !== undefined && redirectionsOf(connection, index).includes(shaperIndex),
  }
}

function indexOf(connection: Connection, name: string): number {
  const index = connection.indexOf(name)
  if (index === undefined)
    throw new Problem('KERNEL_REFUSED', `${name} vanished while it was shaped: somebody else deletes interfaces here`)
  return index
}

function setBucket(connection: Connection, index: number, name: string, bucket: Bucket): void {
  const { bytesPerSecond, burstBytes, limitBytes } = bucket
  const parameters = { ...blankTokenBucket, bytesPerSecond: Math.min(bytesPerSecond, U32_MAX), limitBytes }
  const bytesPerSecond64 = bytesPerSecond < U32_MAX ? undefined : BigInt(bytesPerSecond)
  connection.request(`shape ${name}`, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, qdisc, {
    ...blankQdisc,
    index,
    handle: ROOT_HANDLE,
    parent: TC_H_ROOT,
    // In bytes: the ticks of struct tc_tbf_qopt overflow where a burst takes longer than 275 s.
    attributes: { kind: 'tbf', options: { parameters, burstBytes, bytesPerSecond64 } },
  })
}

/** One that an earlier call left is as good as a new one. */
function createShaper(connection: Connection, name: string, mtu: number): void {
  connection.request(`create ${name}`, RTM_NEWLINK, NLM_F_CREATE, link, {
    ...blankLink,
    attributes: { name, mtu, info: { kind: 'ifb' } },
  })
}

function redirect(connection: Connection, index: number, name: string, interfaceIndex: number): void {
  // clsact, not ingress: programs that watch interfaces bring the former, and take it for theirs where it is.
  const clsact = { ...blankQdisc, index, handle: INGRESS_HANDLE, parent: TC_H_INGRESS, attributes: { kind: 'clsact' } }
  try {
    connection.request(`watch what ${name} receives`, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, qdisc, clsact)
  } catch (error) {
    // Either of the two serves.
    if (!hasCode(error, 'EEXIST')) throw error
  }
  const parameters = { ...blankMirred, action: TC_ACT_STOLEN, direction: TCA_EGRESS_REDIR, interfaceIndex }
  const actions = { first: { kind: 'mirred', options: { parameters } } }
  connection.request(`redirect what ${name} receives`, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, filter, {
    ...blankFilter,
    index,
    parent: TC_H_CLSACT_INGRESS,
    info: everyProtocol(PRIORITY),
    attributes: { kind: 'u32', options: { actions, selector: matchAll } },
  })
}

function observedBucket(qdiscs: readonly Qdisc[], index: number | undefined): ObservedBucket | undefined {
  const options = qdiscs.find(item => item.index === index && item.parent === TC_H_ROOT)?.attributes.options
  if (!options || !('parameters' in options) || !options.parameters) return undefined
  const { bytesPerSecond, limitBytes, bufferTicks } = options.parameters
  return {
    bytesPerSecond: Number(options.bytesPerSecond64 ?? bytesPerSecond),
    limitBytes,
    burstTicks: bufferTicks,
  }
}

/** The interfaces that everything which this one receives is sent out of. */
function redirectionsOf(connection: Connection, index: number): (number | undefined)[] {
  const filters = connection.dump('list filters', RTM_GETTFILTER, filter, {
    ...blankFilter,
    index,
    parent: TC_H_CLSACT_INGRESS,
    attributes: {},
  })
  return filters.map(({ attributes: { options } }) => {
    const action = options && 'actions' in options ? options.actions?.first?.options : undefined
    return action && 'parameters' in action ? action.parameters?.interfaceIndex : undefined
  })
}

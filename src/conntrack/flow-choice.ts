// Which flows are meant: told to the kernel, as a filter that it compares by, and compared here, where it cannot.
import { type Address, type Family, formatAddress } from '../ip/address.ts'
import type { ValueOf } from '../netlink/codec.ts'
import {
  CTA_FILTER_IP_DST,
  CTA_FILTER_IP_SRC,
  CTA_FILTER_PROTO_DST_PORT,
  CTA_FILTER_PROTO_NUM,
  CTA_FILTER_PROTO_SRC_PORT,
  type flow,
  IPS_DST_NAT,
  IPS_SRC_NAT,
} from './flow.ts'

/** Flows by what their first packet was sent to, and by what became of that. */
export interface FlowChoice {
  readonly family: Family
  readonly protocol: number
  readonly port: number
  /** Absent: whatever the address. */
  readonly address?: Address
  /** Where it was sent on to. Absent: nowhere, with neither address translated. */
  readonly target?: { readonly address: Address; readonly port: number }
}

export type Flow = ValueOf<typeof flow>
type FlowAttributes = Flow['attributes']

const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
const EITHER_NAT = IPS_SRC_NAT | IPS_DST_NAT

/** Linux 6.18 compares no port of SCTP, and takes an IPv6 address for the one not to have (ctnetlink_filter_match_tuple). */
export const isComparedByKernel = ({ family, protocol, address, target }: FlowChoice): boolean =>
  (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) &&
  (family === 4 || (address === undefined && target === undefined))

/** All that is meant, of what the kernel compares. */
export function exactFilter({ protocol, port, address, target }: FlowChoice): FlowAttributes {
  const original = {
    addresses: address && { destination4: formatAddress(address) },
    transport: { protocol, destinationPort: port },
  }
  const compared = CTA_FILTER_PROTO_NUM | CTA_FILTER_PROTO_DST_PORT | (address ? CTA_FILTER_IP_DST : 0)
  if (!target) return { original, status: 0, filter: { original: compared }, statusMask: EITHER_NAT }
  // Who answers is where the first packet came to.
  const reply = {
    addresses: { source4: formatAddress(target.address) },
    transport: { protocol, sourcePort: target.port },
  }
  return {
    original,
    reply,
    status: IPS_DST_NAT,
    filter: { original: compared, reply: CTA_FILTER_IP_SRC | CTA_FILTER_PROTO_NUM | CTA_FILTER_PROTO_SRC_PORT },
    statusMask: IPS_DST_NAT,
  }
}

/** The flows of one port, or of every: what a kernel of 5.8 compares rightly. */
export const roughFilter = (protocol: number, destinationPort?: number): FlowAttributes => ({
  original: { transport: { protocol, destinationPort } },
  filter: { original: CTA_FILTER_PROTO_NUM | (destinationPort === undefined ? 0 : CTA_FILTER_PROTO_DST_PORT) },
})

/** Of a flow of the same family. */
export function isMeant({ protocol, port, address, target }: FlowChoice, { attributes }: Flow): boolean {
  const { original, reply, status = 0 } = attributes
  const isOfPort = original?.transport?.protocol === protocol && original.transport.destinationPort === port
  if (!isOfPort || (address !== undefined && destinationOf(original) !== formatAddress(address))) return false
  if (!target) return (status & EITHER_NAT) === 0
  const isSentOn = (status & IPS_DST_NAT) !== 0 && reply?.transport?.sourcePort === target.port
  return isSentOn && sourceOf(reply) === formatAddress(target.address)
}

type Tuple = NonNullable<FlowAttributes['original']>

const destinationOf = ({ addresses }: Tuple): string | undefined => addresses?.destination4 ?? addresses?.destination6
const sourceOf = ({ addresses }: Tuple): string | undefined => addresses?.source4 ?? addresses?.source6

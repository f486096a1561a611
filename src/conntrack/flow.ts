// conntrack(8) · linux/netfilter/nfnetlink_conntrack.h · Documentation/netlink/specs/conntrack.yaml
import type { Family } from '../ip/address.ts'
import { ip } from '../netlink/address.ts'
import { attributes, nested } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { netfilterType, nfgenmsg } from '../netlink/netfilter.ts'
import { be16, be32, u8, u32 } from '../netlink/scalar.ts'

const NFNL_SUBSYS_CTNETLINK = 1
export const IPCTNL_MSG_CT_GET = netfilterType(NFNL_SUBSYS_CTNETLINK, 1)
export const IPCTNL_MSG_CT_DELETE = netfilterType(NFNL_SUBSYS_CTNETLINK, 2)

// Bits of `original` and `reply` of `filter`, net/netfilter/nf_conntrack_netlink.c
export const CTA_FILTER_IP_SRC = 1 << 0
export const CTA_FILTER_IP_DST = 1 << 1
export const CTA_FILTER_PROTO_NUM = 1 << 3
export const CTA_FILTER_PROTO_SRC_PORT = 1 << 4
export const CTA_FILTER_PROTO_DST_PORT = 1 << 5

// Bits of `status`, linux/netfilter/nf_conntrack_common.h
export const IPS_SEEN_REPLY = 1 << 1
export const IPS_SRC_NAT = 1 << 4
export const IPS_DST_NAT = 1 << 5

export const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 }

/** The fixed part of a request for the flows of every family. */
export const blankFlow = { family: 0, version: 0, resource: 0 } as const

const addresses = attributes({
  source4: [1, ip],
  destination4: [2, ip],
  source6: [3, ip],
  destination6: [4, ip],
})

const transport = attributes({
  protocol: [1, u8],
  sourcePort: [2, be16],
  destinationPort: [3, be16],
  icmpId: [4, be16],
  icmpType: [5, u8],
  icmpCode: [6, u8],
  icmp6Id: [7, be16],
  icmp6Type: [8, u8],
  icmp6Code: [9, u8],
})

const tuple = nested(
  attributes({
    addresses: [1, nested(addresses)],
    transport: [2, nested(transport)],
    zone: [3, be16],
  }),
)

/** What a request's own tuples are compared in. */
const filter = nested(attributes({ original: [1, u32], reply: [2, u32] }))

export const flow = body(nfgenmsg, {
  original: [1, tuple],
  reply: [2, tuple],
  status: [3, be32],
  timeoutSeconds: [7, be32],
  mark: [8, be32],
  use: [11, be32],
  id: [12, be32],
  zone: [18, be16],
  filter: [25, filter],
  statusMask: [26, be32],
})

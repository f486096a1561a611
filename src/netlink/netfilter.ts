// linux/netfilter/nfnetlink.h: what nftables and conntrack have in common
import { struct } from './codec.ts'
import { be16, u8 } from './scalar.ts'

export const NETLINK_NETFILTER = 12

/** The fixed part of every netfilter message. `resource` is the subsystem in the two that frame a batch, and zero elsewhere. */
export const nfgenmsg = struct({ family: u8, version: u8, resource: be16 })

/** A netfilter message type: the subsystem, and what it calls the message. */
export const netfilterType = (subsystem: number, message: number): number => (subsystem << 8) | message

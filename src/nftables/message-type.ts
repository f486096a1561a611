// linux/netfilter/nf_tables.h: what the nftables subsystem calls its messages
import { netfilterType } from '../netlink/netfilter.ts'

export const NFNL_SUBSYS_NFTABLES = 10

const messageType = (message: number): number => netfilterType(NFNL_SUBSYS_NFTABLES, message)

/** The messages about one kind of object. */
export interface MessageTypes {
  readonly add: number
  readonly get: number
  readonly delete: number
  /** Deletes what may be missing. Since Linux 6.3. */
  readonly destroy: number
}

const messageTypes = (add: number, destroy: number): MessageTypes => ({
  add: messageType(add),
  get: messageType(add + 1),
  delete: messageType(add + 2),
  destroy: messageType(destroy),
})

export const TABLE = messageTypes(0, 26)
export const CHAIN = messageTypes(3, 27)
export const RULE = messageTypes(6, 28)
export const SET = messageTypes(9, 29)
export const ELEMENTS = messageTypes(12, 30)
export const OBJECT = messageTypes(18, 31)
export const NFT_MSG_GETGEN = messageType(16)

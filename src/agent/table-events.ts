// What others changed in our table of nftables, as the kernel announces it.

import { within } from '../datapath/node-table.ts'
import { body } from '../netlink/message.ts'
import { NETLINK_NETFILTER, nfgenmsg } from '../netlink/netfilter.ts'
import { type Notification, Notifications } from '../netlink/notifications.ts'
import { text } from '../netlink/scalar.ts'

/** linux/netfilter/nfnetlink.h: NFNLGRP_NFTABLES */
export const NFTABLES_GROUPS = [7] as const

// linux/netfilter/nf_tables.h: the end of every transaction, which names no table.
const NFT_MSG_NEWGEN = 15

// The first attribute of every other message of nf_tables is the table's name.
const namedMessage = body(nfgenmsg, { table: [1, text] })

/** Of all but what the holder of `deafTo`, a port, changes. */
export const openTableEvents = (deafTo: number): Notifications =>
  Notifications.open(NETLINK_NETFILTER, NFTABLES_GROUPS, deafTo)

/** Whether anyone changed our table since the last time, or may have. */
export function hasTableNews(events: Notifications): boolean {
  let isChanged = false
  const isComplete = events.drain(event => {
    isChanged ||= isAboutOurs(event)
  })
  return isChanged || !isComplete
}

const isAboutOurs = ({ type, body }: Notification): boolean =>
  (type & 0xff) !== NFT_MSG_NEWGEN && namedMessage.read(body).attributes.table === within.table

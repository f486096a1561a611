// The chains of every table of a family, whoever made them.
import type { Connection } from '../netlink/connection.ts'
import { type Chain, chainMessage, decodeChain } from './chain.ts'
import { headerOf } from './family.ts'
import { CHAIN } from './message-type.ts'

/** linux/netfilter.h, NF_INET_INGRESS: on a device, before it is known whether a packet is of this family. Left out. */
const INGRESS = 5

export const listChains = (connection: Connection, family: 'inet' | 'ip' | 'ip6'): Chain[] =>
  connection
    .dump(`list chains of ${family}`, CHAIN.get, chainMessage, { ...headerOf(family), attributes: {} })
    .filter(({ attributes: { hook } }) => hook?.number !== INGRESS)
    .map(decodeChain)

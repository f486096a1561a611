// nft(8) TABLES · linux/netfilter/nf_tables.h, enum nft_table_attributes
import type { ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, be64, bytes, text } from '../netlink/scalar.ts'
import { type Family, familyOf, headerOf } from './family.ts'
import { commentEntry, commentIn, encodeUserData } from './user-data.ts'

export const tableMessage = body(nfgenmsg, {
  name: [1, text],
  flags: [2, be32],
  use: [3, be32],
  handle: [4, be64],
  userData: [6, bytes],
})

type TableMessage = ValueOf<typeof tableMessage>

export interface Table {
  readonly kind: 'table'
  readonly family: Family
  readonly name: string
  readonly comment?: string
}

export const encodeTable = ({ family, name, comment }: Table): TableMessage => ({
  ...headerOf(family),
  attributes: { name, flags: 0, userData: encodeUserData(commentEntry(comment)) },
})

export const nameTable = ({ family, name }: Table): TableMessage => ({ ...headerOf(family), attributes: { name } })

export function decodeTable(message: TableMessage): Table {
  const { name = '', userData } = message.attributes
  return { kind: 'table', family: familyOf(message), name, ...commentIn(userData) }
}

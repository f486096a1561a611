// nft(8) STATEFUL OBJECTS · linux/netfilter/nf_tables.h, enum nft_object_attributes
import { attributes, nested, select, type ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, be64, bytes, text } from '../netlink/scalar.ts'
import { familyOf, headerOf, type Within } from './family.ts'
import { commentEntry, commentIn, encodeUserData } from './user-data.ts'

export const NFT_OBJECT_COUNTER = 1

const counter = attributes({ bytes: [1, be64], packets: [2, be64] })

export const objectMessage = body(nfgenmsg, {
  table: [1, text],
  name: [2, text],
  type: [3, be32],
  data: [4, nested(select('type', { [NFT_OBJECT_COUNTER]: counter }))],
  use: [5, be32],
  handle: [6, be64],
  userData: [8, bytes],
})

type ObjectMessage = ValueOf<typeof objectMessage>

/** A counter with a name, which rules share. */
export interface Counter extends Within {
  readonly kind: 'counter'
  readonly name: string
  readonly comment?: string
  readonly packets?: number
  readonly bytes?: number
}

export const encodeCounter = ({ family, table, name, comment, packets = 0, bytes = 0 }: Counter): ObjectMessage => ({
  ...headerOf(family),
  attributes: {
    table,
    name,
    type: NFT_OBJECT_COUNTER,
    userData: encodeUserData(commentEntry(comment)),
    data: { bytes, packets },
  },
})

export const nameCounter = ({ family, table, name }: Counter): ObjectMessage => ({
  ...headerOf(family),
  // Empty, as nft sends it.
  attributes: { table, name, type: NFT_OBJECT_COUNTER, data: {} },
})

export function decodeCounter(message: ObjectMessage): Counter {
  const { table = '', name = '', data, userData } = message.attributes
  const { packets = 0, bytes = 0 } = data === undefined || data instanceof Uint8Array ? {} : data
  return { kind: 'counter', family: familyOf(message), table, name, ...commentIn(userData), packets, bytes }
}

// The number of the ruleset, which every change of it raises. linux/netfilter/nf_tables.h, enum nft_gen_attributes
import type { ValueOf } from '../netlink/codec.ts'
import type { Connection } from '../netlink/connection.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, text } from '../netlink/scalar.ts'
import { NFT_MSG_GETGEN } from './message-type.ts'

export const generationMessage = body(nfgenmsg, { generation: [1, be32], processId: [2, be32], processName: [3, text] })

/** Of all tables in the namespace together: other programs' changes count. */
export function generation(connection: Connection): number {
  const nothing: ValueOf<typeof generationMessage> = { family: 0, version: 0, resource: 0, attributes: {} }
  const { attributes } = connection.get('ask for the ruleset generation', NFT_MSG_GETGEN, generationMessage, nothing)
  return attributes.generation ?? 0
}

// nft(8) RULES · linux/netfilter/nf_tables.h, enum nft_rule_attributes
import type { ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, be64, bytes, text } from '../netlink/scalar.ts'
import type { Chain } from './chain.ts'
import { type Expression, expressions } from './expression.ts'
import { familyOf, headerOf, type Within } from './family.ts'
import type { Table } from './table.ts'
import { commentEntry, commentIn, encodeUserData } from './user-data.ts'

export const ruleMessage = body(nfgenmsg, {
  table: [1, text],
  chain: [2, text],
  handle: [3, be64],
  expressions: [4, expressions],
  position: [6, be64],
  userData: [7, bytes],
  id: [9, be32],
})

type RuleMessage = ValueOf<typeof ruleMessage>

export interface Rule extends Within {
  readonly kind: 'rule'
  readonly chain: string
  readonly expressions: readonly Expression[]
  readonly comment?: string
  /** The kernel's name of a rule: what to replace or to delete. */
  readonly handle?: number
  /** The handle of the rule to insert before, or to add behind. */
  readonly position?: number
}

export function encodeRule({ family, table, chain, handle, position, expressions, comment }: Rule): RuleMessage {
  const userData = encodeUserData(commentEntry(comment))
  return { ...headerOf(family), attributes: { table, chain, handle, expressions, position, userData } }
}

export function nameRule({ family, table, chain, handle }: Rule): RuleMessage {
  // Without one, the kernel would delete every rule of the chain.
  if (handle === undefined) throw new TypeError(`a rule of ${family} ${table} ${chain} is deleted by its handle`)
  return { ...headerOf(family), attributes: { table, chain, handle } }
}

/** All rules of a table, or of a chain. */
export function everyRule(object: Table | Chain): RuleMessage {
  const { family, name } = object
  const attributes = object.kind === 'table' ? { table: name } : { table: object.table, chain: name }
  return { ...headerOf(family), attributes }
}

export function decodeRule(message: RuleMessage): Rule {
  const { table = '', chain = '', handle, expressions = [], userData } = message.attributes
  const found = expressions as readonly Expression[]
  const comment = commentIn(userData)
  return {
    kind: 'rule',
    family: familyOf(message),
    table,
    chain,
    expressions: found,
    ...comment,
    ...(handle && { handle }),
  }
}

// How much is in a table, without reading what it is: enough to see that somebody flushed or deleted something.
import type { Codec } from '../netlink/codec.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { headerOf, type Within } from './family.ts'
import { RULE, TABLE } from './message-type.ts'
import { ruleMessage } from './rule.ts'
import { decodeTable, tableMessage } from './table.ts'

export interface Outline {
  readonly comment: string | undefined
  readonly ruleCount: number
  /** Chains, sets and counters. */
  readonly objectCount: number
}

/** Undefined where there is no such table. */
export function outline(connection: Connection, { family, table }: Within): Outline | undefined {
  const header = headerOf(family)
  const named = { ...header, attributes: { name: table } }
  try {
    const found = connection.get(`look up table ${family} ${table}`, TABLE.get, tableMessage, named)
    const asked = { ...header, attributes: { table } }
    const ruleCount = connection.dump(`list rules of ${family} ${table}`, RULE.get, unread, asked).length
    return { comment: decodeTable(found).comment, ruleCount, objectCount: found.attributes.use ?? 0 }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const nothing = { ...headerOf('inet'), attributes: {} }
const unread: Codec<typeof nothing> = { write: ruleMessage.write, read: () => nothing }

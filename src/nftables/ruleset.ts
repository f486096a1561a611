// One table as it is in the kernel, read as the values that would make it.
import type { Codec } from '../netlink/codec.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { type Chain, chainMessage, decodeChain } from './chain.ts'
import { type Counter, decodeCounter, NFT_OBJECT_COUNTER, objectMessage } from './counter.ts'
import type { Elements } from './elements.ts'
import { headerOf, type Within } from './family.ts'
import { generation } from './generation.ts'
import { CHAIN, OBJECT, RULE, SET, TABLE } from './message-type.ts'
import { readElements } from './read-elements.ts'
import { readUntilWhole } from './read-until-whole.ts'
import { decodeRule, type Rule, ruleMessage } from './rule.ts'
import { decodeSet, type NftSet, setMessage } from './set.ts'
import { decodeTable, type Table, tableMessage } from './table.ts'

export interface Ruleset {
  /** What `commit` takes, so that nothing is decided on what has changed meanwhile. */
  readonly generation: number
  /** Undefined where there is no such table; the rest is empty then. */
  readonly table: Table | undefined
  readonly chains: readonly Chain[]
  readonly sets: readonly NftSet[]
  /** Of each set, in its order. */
  readonly elements: readonly Elements[]
  readonly counters: readonly Counter[]
  /** Chain by chain, in their order, with their handles. */
  readonly rules: readonly Rule[]
}

/** All of a table as it was at one moment: a ruleset that changes meanwhile is read again. */
export const readTable = (connection: Connection, within: Within): Ruleset =>
  readUntilWhole(`read table ${within.family} ${within.table}`, () => {
    const before = generation(connection)
    const found = readOnce(connection, within)
    return found && generation(connection) === before ? { generation: before, ...found } : undefined
  })

function readOnce(connection: Connection, within: Within): Omit<Ruleset, 'generation'> | undefined {
  const { family, table: name } = within
  const header = headerOf(family)
  const inTable = { ...header, attributes: { table: name } }
  const dump = <T>(what: string, type: number, codec: Codec<T>, value: T) =>
    connection.dump(`list ${what} of ${family} ${name}`, type, codec, value)
  try {
    const table = readTableItself(connection, within)
    if (table === undefined) return { table, chains: [], sets: [], elements: [], counters: [], rules: [] }
    // The kernel lists the chains of every table, whatever is asked.
    const chains = dump('chains', CHAIN.get, chainMessage, inTable).filter(found => found.attributes.table === name)
    const sets = dump('sets', SET.get, setMessage, inTable).map(decodeSet)
    const counters = dump('counters', OBJECT.get, objectMessage, inTable)
      .filter(({ attributes: { type, table } }) => type === NFT_OBJECT_COUNTER && table === name)
      .map(decodeCounter)
    const rules = dump('rules', RULE.get, ruleMessage, inTable).map(decodeRule)
    const elements = sets.map(set => readElements(connection, set))
    return { table, chains: chains.map(decodeChain), sets, elements, counters, rules }
  } catch (error) {
    // Something went away between two of these questions: the ruleset has changed.
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function readTableItself(connection: Connection, { family, table: name }: Within): Table | undefined {
  const asked = { ...headerOf(family), attributes: { name } }
  try {
    return decodeTable(connection.get(`look up table ${family} ${name}`, TABLE.get, tableMessage, asked))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

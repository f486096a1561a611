// One table as it is in the kernel, read as the values that would make it.
import type { Codec } from '../netlink/codec.ts'
import type { Connection } from '../netlink/connection.ts'
import { NetlinkError } from '../netlink/netlink-error.ts'
import { hasCode } from '../problem.ts'
import { type Chain, chainMessage, decodeChain } from './chain.ts'
import { type Counter, decodeCounter, NFT_OBJECT_COUNTER, objectMessage } from './counter.ts'
import { decodeElementMessages, type Elements, elementsMessage } from './elements.ts'
import { headerOf, type Within } from './family.ts'
import { generation } from './generation.ts'
import { CHAIN, ELEMENTS, OBJECT, RULE, SET, TABLE } from './message-type.ts'
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

const EINTR = 4
const TRIES = 10

/** All of a table as it was at one moment: a ruleset that changes meanwhile is read again. */
export function readTable(connection: Connection, { family, table }: Within): Ruleset {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = generation(connection)
    const found = readOnce(connection, { family, table })
    if (found !== undefined && generation(connection) === before) return { generation: before, ...found }
  }
  const message = `the ruleset changed during each of ${TRIES} readings`
  throw new NetlinkError(`read table ${family} ${table}`, EINTR, 0, { message })
}

/** The elements of one set. */
export function readElements(connection: Connection, set: NftSet): Elements {
  const { family, table, name } = set
  const asked = { ...headerOf(family), attributes: { table, set: name } }
  const messages = connection.dump(`list elements of ${family} ${table} ${name}`, ELEMENTS.get, elementsMessage, asked)
  return { kind: 'elements', set, elements: decodeElementMessages(set, messages) }
}

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

// The destinations to which pods keep their address: one set of each family for the whole node.
import { outermost } from '../ip/outermost.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { Connection } from '../netlink/connection.ts'
import type { Change } from '../nftables/change.ts'
import { readElements } from '../nftables/read-elements.ts'
import { sets } from './node-table.ts'

const FAMILIES = [4, 6] as const

/** Those that are not there yet, without disturbing those that are: a set of intervals takes none that overlap. */
export function newExceptions(connection: Connection, except: readonly string[]): Change[] {
  if (except.length === 0) return []
  const there = FAMILIES.flatMap(family => readElements(connection, sets[family].except).elements)
  const has = there.map(({ key }) => prefixOf(String(key[0])))
  const wanted = outermost([...has, ...except.map(parsePrefix)])
  const known = new Set(has.map(formatPrefix))
  const kept = new Set(wanted.map(formatPrefix))
  const gone = has.filter(prefix => !kept.has(formatPrefix(prefix)))
  return [
    ...exceptionChanges(gone, 'delete'),
    ...exceptionChanges(wanted.filter(item => !known.has(formatPrefix(item)))),
  ]
}

const prefixOf = (text: string): Prefix =>
  parsePrefix(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`)

export function exceptionChanges(prefixes: readonly Prefix[], verb: 'add' | 'delete' = 'add'): Change[] {
  return FAMILIES.flatMap(family => {
    const elements = prefixes
      .filter(({ address }) => address.family === family)
      .map(item => ({ key: [formatPrefix(item)] }))
    return elements.length === 0 ? [] : [[verb, { kind: 'elements', set: sets[family].except, elements }] as Change]
  })
}

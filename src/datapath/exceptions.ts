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
  const has = readPrefixes(connection)
  const wanted = outermost([...has, ...except.map(parsePrefix)])
  const known = new Set(has.map(formatPrefix))
  const kept = new Set(wanted.map(formatPrefix))
  const gone = has.filter(prefix => !kept.has(formatPrefix(prefix)))
  return [
    ...exceptionChanges(gone, 'delete'),
    ...exceptionChanges(wanted.filter(item => !known.has(formatPrefix(item)))),
  ]
}

/** Those of both families, as prefixes; where somebody else put a range that is none, as that. */
export const readExceptions = (connection: Connection): string[] =>
  FAMILIES.flatMap(family =>
    readElements(connection, sets[family].except).elements.map(({ key }) => prefixText(String(key[0]))),
  )

/** Without such ranges. */
export const readPrefixes = (connection: Connection): Prefix[] =>
  readExceptions(connection)
    .filter(text => !text.includes('-'))
    .map(parsePrefix)

const prefixText = (text: string): string => (/[/-]/.test(text) ? text : `${text}/${text.includes(':') ? 128 : 32}`)

/** What makes the ones the others. */
export const exceptionDifferences = (has: ReadonlySet<string>, wanted: ReadonlySet<string>): Change[] =>
  has === wanted
    ? []
    : [
        ...textChanges(
          [...has].filter(text => !wanted.has(text)),
          'delete',
        ),
        ...textChanges(
          [...wanted].filter(text => !has.has(text)),
          'add',
        ),
      ]

export const exceptionChanges = (prefixes: readonly Prefix[], verb: 'add' | 'delete' = 'add'): Change[] =>
  textChanges(prefixes.map(formatPrefix), verb)

const textChanges = (texts: readonly string[], verb: 'add' | 'delete'): Change[] =>
  FAMILIES.flatMap(family => {
    const elements = texts.filter(text => text.includes(':') === (family === 6)).map(text => ({ key: [text] }))
    return elements.length === 0 ? [] : [[verb, { kind: 'elements', set: sets[family].except, elements }] as Change]
  })

// A list of nodes as text, JSON or YAML: [{ name, addresses: [...], podCIDRs: [...] }], or that under "nodes".
import { parse } from 'yaml'
import { addressFrom } from '../ip/address.ts'
import { firstOf, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { ClusterNode } from './node.ts'

export interface ParsedNodes {
  readonly nodes: readonly ClusterNode[]
  /** What makes no sense of single nodes, which are left out. */
  readonly problems: readonly Problem[]
}

/** What was written of each node, and what it means, where that is anything: one that did not change stays the same object. */
export interface KnownNodes {
  readonly entries: readonly string[]
  readonly nodes: readonly (ClusterNode | undefined)[]
}

export const nothingKnown: KnownNodes = { entries: [], nodes: [] }

type Parsed = ParsedNodes & { readonly known: KnownNodes }

/** Throws where the text is no list at all. */
export function parseNodes(text: string, known: KnownNodes): Parsed {
  const entries = flatEntries(text)
  try {
    if (entries !== undefined) return read(entries, known)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return read(
    list(text).map(entry => JSON.stringify(entry)),
    known,
  )
}

/** Each in JSON. */
function read(entries: readonly string[], known: KnownNodes): Parsed {
  const before = nodesBefore(entries, known)
  const fresh = parseAll(entries.filter((_, at) => before[at] === undefined)).values()
  const problems: Problem[] = []
  const meant = before.map((node, at) => {
    if (node !== undefined) return node
    const entry = fresh.next().value
    try {
      return clusterNode(entry)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      problems.push(new Problem('NODE_INVALID', `${label(entry, at)}: ${message}`, 'It is left out.', error))
      return undefined
    }
  })
  return { nodes: meant.filter(node => node !== undefined), problems, known: { entries, nodes: meant } }
}

/** In lists of thousands, one or two have changed: what both begin and end with need not be looked for. */
function nodesBefore(entries: readonly string[], known: KnownNodes): (ClusterNode | undefined)[] {
  const shorter = Math.min(entries.length, known.entries.length)
  let start = 0
  while (start < shorter && entries[start] === known.entries[start]) start++
  let end = 0
  while (end < shorter - start && entries.at(-1 - end) === known.entries.at(-1 - end)) end++
  const between = new Map<string, ClusterNode | undefined>()
  for (let at = start; at < known.entries.length - end; at++) between.set(known.entries[at] as string, known.nodes[at])
  return [
    ...known.nodes.slice(0, start),
    ...entries.slice(start, entries.length - end).map(text => between.get(text)),
    ...known.nodes.slice(known.nodes.length - end),
  ]
}

/** At once, which is faster than one by one. What makes sense only together with the next is not taken for two. */
function parseAll(texts: readonly string[]): unknown[] {
  const values: unknown[] = JSON.parse(`[${texts.join()}]`)
  if (values.length !== texts.length) throw new SyntaxError('a brace within a text')
  return values
}

const flatObjects = /\{[^{}]*\}/g

/**
 * The entries' own texts, found without reading them: of thousands, one or two have changed.
 * Undefined where the text is no JSON, or braces are elsewhere than around entries: with a text in the place of each, which itself would be replaced, a list of as many is what is left.
 */
function flatEntries(text: string): readonly string[] | undefined {
  if (!isJson(text)) return undefined
  try {
    const found = text.match(flatObjects) ?? []
    const left = list(text.replace(flatObjects, '"{}"'))
    return left.length === found.length && left.every(item => item === '{}') ? found : undefined
  } catch {
    return undefined
  }
}

function list(text: string): unknown[] {
  if (text.trim() === '') throw new SyntaxError('it is empty')
  // JSON is YAML, too, but forty times faster to read.
  const document: unknown = isJson(text) ? JSON.parse(text) : parse(text, { prettyErrors: false, logLevel: 'error' })
  const nodes = isObject(document) && !Array.isArray(document) ? document.nodes : document
  if (!Array.isArray(nodes)) throw new SyntaxError('it is no list of nodes')
  return nodes
}

const isJson = (text: string): boolean => /^\s*[[{]/.test(text)

function clusterNode(entry: unknown): ClusterNode {
  if (!isObject(entry)) throw new TypeError('not an object')
  const { name, createdAt } = entry
  if (typeof name !== 'string' || name === '') throw new TypeError('no name')
  const createdAtMs = createdAt === undefined ? undefined : Date.parse(String(createdAt))
  if (Number.isNaN(createdAtMs)) throw new TypeError(`createdAt ${JSON.stringify(createdAt)} is no time`)
  return {
    name,
    addresses: texts(entry, 'addresses').map(text => {
      const address = addressFrom(text)
      if (address === undefined) throw new TypeError(`${JSON.stringify(text)} in addresses is no IP address`)
      return address
    }),
    podCidrs: texts(entry, 'podCIDRs').map(cidr),
    ...(createdAtMs !== undefined && { createdAtMs }),
  }
}

function cidr(text: string): Prefix {
  const prefix = parsePrefix(text)
  return { ...prefix, address: firstOf(prefix) }
}

function texts(entry: Entry, field: 'addresses' | 'podCIDRs'): string[] {
  const value = entry[field] ?? []
  const isTexts = Array.isArray(value) && value.every(item => typeof item === 'string')
  if (!isTexts) throw new TypeError(`${field} is no list of texts`)
  return value
}

type Entry = Readonly<Partial<Record<'name' | 'nodes' | 'createdAt' | 'addresses' | 'podCIDRs', unknown>>>

const isObject = (value: unknown): value is Entry => typeof value === 'object' && value !== null

function label(entry: unknown, at: number): string {
  const name = isObject(entry) ? entry.name : undefined
  return typeof name === 'string' && name !== '' ? `node ${name}` : `node number ${at + 1}`
}

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

/** What was written of a node, and what it means: one that did not change stays the same object. */
interface Known {
  readonly entry: Entry
  readonly node: ClusterNode
}

/** By their names. */
export type KnownNodes = ReadonlyMap<string, Known>

/** Throws where the text is no list at all. */
export function parseNodes(text: string, known: KnownNodes): ParsedNodes & { readonly known: KnownNodes } {
  const nodes: ClusterNode[] = []
  const problems: Problem[] = []
  const parsed = new Map<string, Known>()
  for (const [at, entry] of list(text).entries()) {
    try {
      const one = read(entry, known)
      parsed.set(one.node.name, one)
      nodes.push(one.node)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      problems.push(new Problem('NODE_INVALID', `${label(entry, at)}: ${message}`, 'It is left out.', error))
    }
  }
  return { nodes, problems, known: parsed }
}

function read(entry: unknown, known: KnownNodes): Known {
  if (!isObject(entry)) throw new TypeError('not an object')
  const before = known.get(String(entry.name))
  return before !== undefined && isSame(before.entry, entry) ? before : { entry, node: clusterNode(entry) }
}

const isSame = (a: Entry, b: Entry): boolean =>
  a.name === b.name &&
  a.createdAt === b.createdAt &&
  isSameList(a.addresses, b.addresses) &&
  isSameList(a.podCIDRs, b.podCIDRs)

function isSameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((item, at) => item === b[at])
}

function list(text: string): unknown[] {
  if (text.trim() === '') throw new SyntaxError('it is empty')
  const isJson = /^\s*[[{]/.test(text)
  // JSON is YAML, too, but forty times faster to read.
  const document: unknown = isJson ? JSON.parse(text) : parse(text, { prettyErrors: false, logLevel: 'error' })
  const nodes = isObject(document) && !Array.isArray(document) ? document.nodes : document
  if (!Array.isArray(nodes)) throw new SyntaxError('it is no list of nodes')
  return nodes
}

function clusterNode(entry: Entry): ClusterNode {
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

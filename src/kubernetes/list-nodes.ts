// All nodes, in pages, each item read as it arrives.
import type { ApiAccess } from './api-access.ts'
import { type ApiCall, call, nameOf } from './api-call.ts'
import { senseless, unreachable } from './api-failure.ts'
import { ListItems } from './list-items.ts'
import { nodeExcerpt } from './node-excerpt.ts'
import { NodeList } from './node-list.ts'

export interface NodeQuery {
  /** One node by its name, in place of all. */
  readonly only?: string
}

export interface ListQuery extends NodeQuery {
  readonly pageSize: number
}

export const nodesPath = '/api/v1/nodes'

export const selectorOf = ({ only }: NodeQuery): Record<string, string> =>
  only === undefined ? {} : { fieldSelector: `metadata.name=${only}` }

export interface ListedNodes {
  readonly list: NodeList
  readonly version: string
}

/** What did not change since `before` is the same object. */
export async function listNodes(
  access: ApiAccess,
  query: ListQuery,
  before: NodeList | undefined,
  signal: AbortSignal,
): Promise<ListedNodes> {
  const list = new NodeList()
  let from: Record<string, string> = {}
  for (;;) {
    const asked = { limit: String(query.pageSize), ...selectorOf(query), ...from }
    const { version, next } = await readPage(access, { path: nodesPath, query: asked, signal }, text => {
      const excerpt = nodeExcerpt(text)
      if (excerpt === undefined) list.add(JSON.parse(text), before)
      else list.addExcerpt(excerpt, before)
    })
    if (next === '') return { list, version }
    from = { continue: next }
  }
}

async function readPage(access: ApiAccess, request: ApiCall, add: (text: string) => void) {
  const items = new ListItems(add)
  try {
    for await (const chunk of await call(access, request)) items.feed(chunk)
    return pageOf(items.end())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw unreachable(access.server, error)
    throw senseless(access.server, nameOf(request), error.message, error)
  }
}

function pageOf(body: unknown): { version: string; next: string } {
  const { items, metadata } = Object(body)
  const { resourceVersion: version, continue: next = '' } = Object(metadata)
  if (Array.isArray(items) && typeof version === 'string' && typeof next === 'string') return { version, next }
  throw new SyntaxError('no list of nodes')
}

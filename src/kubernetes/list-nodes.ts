// All nodes, read in pages: of a large cluster's objects, 15 kB each, only one page is ever in memory.
import type { ApiAccess } from './api-access.ts'
import { callForJson } from './api-call.ts'
import { senseless } from './api-failure.ts'
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
    const page = pageOf(await callForJson(access, { path: nodesPath, query: asked, signal }))
    if (page === undefined) throw senseless(access.server, `GET ${nodesPath}`, 'no list of nodes')
    for (const item of page.items) list.add(item, before)
    if (page.next === '') return { list, version: page.version }
    from = { continue: page.next }
  }
}

function pageOf(body: unknown): { items: readonly unknown[]; version: string; next: string } | undefined {
  const { items, metadata } = Object(body)
  const { resourceVersion: version, continue: next = '' } = Object(metadata)
  const isPage = Array.isArray(items) && typeof version === 'string' && typeof next === 'string'
  return isPage ? { items, version, next } : undefined
}

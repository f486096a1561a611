// What happens to nodes from a version on, as the API server tells: one line of JSON each.
import type { ApiAccess } from './api-access.ts'
import { call } from './api-call.ts'
import { refused, senseless, unreachable } from './api-failure.ts'
import { Lines } from './lines.ts'
import { type NodeQuery, nodesPath, selectorOf } from './list-nodes.ts'
import { type NodeExcerpt, nodeExcerpt } from './node-excerpt.ts'

export interface WatchEvent {
  readonly type: string
  /** Undefined where an excerpt says it all. */
  readonly object: unknown
  readonly excerpt?: NodeExcerpt
  /** Where to go on from. */
  readonly version: string | undefined
}

export interface WatchQuery extends NodeQuery {
  readonly silenceMs: number
}

const what = `the watch of ${nodesPath}`

/** The events, once the server has said yes, in groups that came at once; the end is the server's. A healthy watch has a bookmark each minute. */
export async function watchNodes(access: ApiAccess, query: WatchQuery, version: string, signal: AbortSignal) {
  // Not all agents of a cluster at one moment.
  const timeoutSeconds = String(300 + Math.floor(Math.random() * 300))
  const asked = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: version, timeoutSeconds }
  const { silenceMs } = query
  const answer = await call(access, { path: nodesPath, query: { ...asked, ...selectorOf(query) }, silenceMs, signal })
  return events(access.server, answer)
}

async function* events(server: URL, answer: AsyncIterable<Buffer>): AsyncGenerator<readonly WatchEvent[]> {
  const lines = new Lines()
  try {
    for await (const chunk of answer) {
      const group = lines.feed(chunk).map(line => change(line) ?? parse(server, line))
      if (group.length > 0) yield group
    }
  } catch (error) {
    throw unreachable(server, error)
  }
}

function parse(server: URL, line: string): WatchEvent {
  const { type, object } = Object(json(server, line))
  if (type === 'ERROR') throw refused(server, what, Number(Object(object).code) || 0, JSON.stringify(object))
  if (typeof type !== 'string') throw senseless(server, what, 'an event without a type')
  const { resourceVersion } = Object(Object(object).metadata)
  return { type, object, version: typeof resourceVersion === 'string' ? resourceVersion : undefined }
}

/** What most lines are; undefined for any other. */
function change(line: string): WatchEvent | undefined {
  const [, type] = /^\{"type":"(ADDED|MODIFIED)","object":\{/.exec(line) ?? []
  const excerpt = type === undefined ? undefined : nodeExcerpt(line)
  return type && excerpt ? { type, object: undefined, excerpt, version: excerpt.version } : undefined
}

function json(server: URL, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw senseless(server, what, 'no JSON', error)
  }
}

// What happens to nodes from a version on, as the API server tells: one line of JSON each.
import type { ApiAccess } from './api-access.ts'
import { call } from './api-call.ts'
import { refused, senseless, unreachable } from './api-failure.ts'
import { lines } from './lines.ts'
import { type NodeQuery, nodesPath, selectorOf } from './list-nodes.ts'
import { nodeExcerpt } from './node-excerpt.ts'

export interface WatchEvent {
  readonly type: string
  readonly object: unknown
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
  try {
    for await (const group of lines(answer)) yield group.map(line => parse(server, line))
  } catch (error) {
    throw unreachable(server, error)
  }
}

function parse(server: URL, line: string): WatchEvent {
  const { type, object } = Object(change(line) ?? json(server, line))
  if (type === 'ERROR') throw refused(server, what, Number(Object(object).code) || 0, JSON.stringify(object))
  if (typeof type !== 'string') throw senseless(server, what, 'an event without a type')
  const { resourceVersion } = Object(Object(object).metadata)
  return { type, object, version: typeof resourceVersion === 'string' ? resourceVersion : undefined }
}

/** Undefined for whatever is not the usual change of a node. */
function change(line: string): Pick<WatchEvent, 'type' | 'object'> | undefined {
  const [, type] = /^\{"type":"(ADDED|MODIFIED|DELETED)","object":\{/.exec(line) ?? []
  const object = type && nodeExcerpt(line)
  return type && object ? { type, object } : undefined
}

function json(server: URL, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw senseless(server, what, 'no JSON', error)
  }
}

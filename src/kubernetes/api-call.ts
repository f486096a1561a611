// One request to the API server, over HTTP/1.1: its answer, or a Problem that says why there is none.
import { type ClientRequest, type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { Problem } from '../problem.ts'
import type { ApiAccess } from './api-access.ts'
import { refused, senseless, unreachable } from './api-failure.ts'

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: { readonly type: string; readonly value: unknown }
  /** Given up when nothing was heard for so long: before the answer, or in the midst of it. */
  readonly silenceMs?: number
  readonly signal?: AbortSignal
}

/** A first packet that was sent before kube-proxy knew the service goes astray, and its repetitions after it, as they are one flow to the kernel: only a new connection gets there. */
const connectMs = 2000

/** The answer, where it is a yes; its body is still to come. */
export async function call(access: ApiAccess, call: ApiCall): Promise<IncomingMessage> {
  const answer = await send(access, call).catch(error => {
    throw unreachable(access.server, error)
  })
  const status = answer.statusCode ?? 0
  if (status >= 200 && status < 300) return answer
  throw refused(access.server, nameOf(call), status, await bodyOf(access, answer))
}

/** The answer's body, which is JSON. */
export async function callForJson(access: ApiAccess, request: ApiCall): Promise<unknown> {
  const text = await bodyOf(access, await call(access, request))
  try {
    return JSON.parse(text)
  } catch (error) {
    throw senseless(access.server, nameOf(request), 'no JSON', error)
  }
}

export const nameOf = ({ method = 'GET', path }: ApiCall): string => `${method} ${path}`

async function send(access: ApiAccess, { method = 'GET', path, query, body, silenceMs = 30_000, signal }: ApiCall) {
  const { server } = access
  const { headers, ...credentials } = await access.credentials()
  const url = new URL(server)
  url.pathname = server.pathname.replace(/\/$/, '') + path
  url.search = new URLSearchParams(query).toString()
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options = {
    ...credentials,
    method,
    headers: {
      ...headers,
      accept: 'application/json',
      'user-agent': 'podwire',
      ...(body && { 'content-type': body.type }),
    },
    timeout: silenceMs,
    ...(signal && { signal }),
  }
  let answer: IncomingMessage | undefined
  const request = (url.protocol === 'http:' ? plain : secure)(url, options, response => {
    answer = response
    resolve(response)
  })
  request.on('error', reject)
  request.on('socket', socket => giveUpConnecting(request, socket))
  request.on('timeout', () => (answer ?? request).destroy(silence(server, silenceMs)))
  request.end(body && JSON.stringify(body.value))
  return promise
}

function giveUpConnecting(request: ClientRequest, socket: Socket): void {
  // One that is kept alive.
  if (!socket.connecting) return
  let timer: NodeJS.Timeout | undefined
  const noConnection = Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' })
  const begin = (): void => {
    timer = setTimeout(() => request.destroy(noConnection), connectMs)
  }
  // How long the search for a name takes is not ours to judge.
  if (isIP(request.host.replace(/[[\]]/g, ''))) begin()
  else socket.once('lookup', begin)
  for (const end of ['connect', 'close']) socket.once(end, () => clearTimeout(timer))
}

async function bodyOf({ server }: ApiAccess, answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer) chunks.push(chunk)
  } catch (error) {
    throw unreachable(server, error)
  }
  return Buffer.concat(chunks).toString()
}

const silence = (server: URL, silenceMs: number): Problem =>
  new Problem('API_UNREACHABLE', `the API server at ${server.host} said nothing for ${silenceMs / 1000} s`, 'ETIMEDOUT')

// A neighbour to test with: of the Kubernetes API what a node agent asks, over real sockets. Nodes listed in pages and watched, events, conditions.
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Hear, type NodeObject, NodeStore } from './node-store.ts'

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What it does instead of an answer. */
export type Fault = 'hang' | 'close' | { readonly status: number; readonly body?: string }

export interface FakeApiOptions {
  /** Plain HTTP without one. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Others are answered 401. */
  readonly token?: string
}

export class FakeApi {
  readonly nodes = new NodeStore()
  readonly requests: ApiRequest[] = []
  /** Asked first, of each request. */
  fault: (request: ApiRequest) => Fault | undefined = () => undefined
  readonly #options: FakeApiOptions
  readonly #server
  readonly #watches = new Map<ServerResponse, Hear>()
  #port = 0

  constructor(options: FakeApiOptions = {}) {
    this.#options = options
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response)
    this.#server = options.tls ? createSecure(options.tls, answer) : createPlain(answer)
  }

  get address(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`
  }

  /** At the port that it had before, where it was open once. */
  async open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(this.#port, '127.0.0.1', resolve)
    await promise
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** With all its connections. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }

  /** A kubeconfig file's text. Over plain HTTP the library asks for no authority, but for consent. */
  kubeconfig(ca?: string): string {
    const trust = ca
      ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') }
      : { 'insecure-skip-tls-verify': true }
    const { token } = this.#options
    return JSON.stringify({
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
      clusters: [{ name: 'fake', cluster: { server: this.address, ...trust } }],
      users: [{ name: 'fake', user: { token } }],
    })
  }

  /** Tells the open watches how far the list has come. */
  bookmark(): void {
    const object = { kind: 'Node', metadata: { resourceVersion: this.nodes.version } }
    for (const watch of this.#watches.keys()) tell(watch, 'BOOKMARK', object)
  }

  /** Any line, to all open watches. */
  tellWatches(line: string): void {
    for (const watch of this.#watches.keys()) watch.write(`${line}\n`)
  }

  /** The server's way to end a watch, or the network's. */
  endWatches(how: 'politely' | 'abruptly' = 'politely'): void {
    for (const watch of [...this.#watches.keys()]) {
      this.#forget(watch)
      if (how === 'politely') watch.end()
      else watch.destroy()
    }
  }

  get watchCount(): number {
    return this.#watches.size
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming)
    this.requests.push(request)
    const fault = this.fault(request)
    if (fault === 'hang') return
    if (fault === 'close') return void response.destroy()
    if (fault) return send(response, fault.status, fault.body ?? status(fault.status, 'a fault'))
    const { token } = this.#options
    if (token && request.headers.authorization !== `Bearer ${token}`)
      return send(response, 401, status(401, 'Unauthorized'))
    this.#serve(request, response)
  }

  #serve(request: ApiRequest, response: ServerResponse): void {
    const { method, path, query } = request
    const { watch } = query
    const [, name, part] = path.match(/^\/api\/v1\/nodes\/([^/]+)(\/status)?$/) ?? []
    const node = name && this.nodes.get(name)
    if (path === '/api/v1/nodes' && watch) this.#watch(query, response)
    else if (path === '/api/v1/nodes') this.#list(query, response)
    else if (method === 'POST') send(response, 201, request.body)
    else if (node) send(response, 200, part ? request.body : JSON.stringify(node))
    else send(response, 404, status(404, `nodes "${name}" not found`))
  }

  #list(query: ApiRequest['query'], response: ServerResponse): void {
    const page = this.nodes.page(query)
    if (page) send(response, 200, JSON.stringify(page))
    else send(response, 410, status(410, 'too old'))
  }

  #watch(query: ApiRequest['query'], response: ServerResponse): void {
    const { fieldSelector, resourceVersion } = query
    const only = fieldSelector?.replace('metadata.name=', '')
    const wanted = (object: NodeObject) => only === undefined || object.metadata?.name === only
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const past = this.nodes.since(Number(resourceVersion))
    if (past === undefined) {
      tell(response, 'ERROR', JSON.parse(status(410, 'too old resource version')))
      return void response.end()
    }
    const hear = (type: string, object: NodeObject) => wanted(object) && tell(response, type, object)
    for (const { type, object } of past) hear(type, object)
    this.#watches.set(response, hear)
    this.nodes.watchers.add(hear)
    response.on('close', () => this.#forget(response))
  }

  #forget(watch: ServerResponse): void {
    const hear = this.#watches.get(watch)
    this.#watches.delete(watch)
    if (hear) this.nodes.watchers.delete(hear)
  }
}

async function read(incoming: IncomingMessage): Promise<ApiRequest> {
  const { method = 'GET', headers } = incoming
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://fake')
  let body = ''
  for await (const chunk of incoming) body += chunk
  return { method, path: pathname, query: Object.fromEntries(searchParams), headers, body }
}

const tell = (response: ServerResponse, type: string, object: unknown) =>
  void response.write(`${JSON.stringify({ type, object })}\n`)

const send = (response: ServerResponse, code: number, body: string) =>
  void response.writeHead(code, { 'content-type': 'application/json' }).end(body)

const status = (code: number, message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message })

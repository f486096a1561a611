// Health, metrics and state over HTTP, for probes, Prometheus and `podwire status`. It only reads.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Problem } from '../problem.ts'
import { formatListenAddress, type ListenAddress } from './listen-address.ts'

export interface Answers {
  /** What is wrong, where the agent would better be started anew. */
  readonly illness: () => string | undefined
  /** Why pods' traffic is not looked after yet, or not wholly. */
  readonly unreadiness: () => string | undefined
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** What `podwire status` shows. */
  readonly status: () => unknown
}

interface Answer {
  readonly code: number
  readonly type?: string
  readonly text: string
}

export interface HttpFace extends AsyncDisposable {
  /** As host:port, with the port that it got where 0 was asked for. */
  readonly listens: string
}

const HEADERS_TIMEOUT_MS = 5_000

export async function serve(listen: ListenAddress, answers: Answers): Promise<HttpFace> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, (request, response) => {
    void answer(request, answers)
      .catch((error): Answer => ({ code: 500, text: String(error) }))
      .then(found => send(response, found))
  })
  try {
    server.listen({ port: listen.port, ...(listen.host !== undefined && { host: listen.host }) })
    await once(server, 'listening')
  } catch (error) {
    const where = formatListenAddress(listen)
    const way = 'give another by --listen, or --listen none'
    throw new Problem(
      'INPUT_OUTPUT',
      `cannot answer on ${where}: ${error instanceof Error ? error.message : error}: ${way}`,
    )
  }
  const { port } = server.address() as AddressInfo
  return { listens: formatListenAddress({ ...listen, port }), [Symbol.asyncDispose]: () => close(server) }
}

async function answer(request: IncomingMessage, answers: Answers): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 405, text: 'only GET' }
  const [path] = (request.url ?? '').split('?')
  if (path === '/healthz') return health(answers.illness())
  if (path === '/readyz') return health(answers.unreadiness())
  if (path === '/status') return { code: 200, type: 'application/json', text: JSON.stringify(answers.status()) }
  if (path !== '/metrics') return { code: 404, text: 'there are /healthz, /readyz, /metrics and /status' }
  const { contentType, text } = await answers.metrics()
  return { code: 200, type: contentType, text }
}

const health = (complaint: string | undefined): Answer => ({
  code: complaint === undefined ? 200 : 503,
  text: complaint ?? 'ok',
})

function send(response: ServerResponse, { code, type = 'text/plain; charset=utf-8', text }: Answer): void {
  const body = text.endsWith('\n') ? text : `${text}\n`
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

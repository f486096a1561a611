// Asks a container runtime over its socket: gRPC is HTTP/2 with a five-byte frame. grpc/doc/PROTOCOL-HTTP2.md
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { calls } from './messages.ts'
import { decode, encode, type Message } from './protobuf.ts'

type Calls = typeof calls
type Input<C extends keyof Calls> = Message<Calls[C][0]>
type Output<C extends keyof Calls> = Message<Calls[C][1]>

const frame = (bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([header, bytes])
}

export class RuntimeService {
  readonly #session: ClientHttp2Session

  constructor(socketPath: string) {
    this.#session = connectHttp2('http://localhost', { createConnection: () => connect(socketPath) })
    // A session that breaks breaks its calls too, and those are told.
    this.#session.on('error', () => {})
  }

  call<C extends keyof Calls>(name: C, input: Input<C>): Promise<Output<C>> {
    const [request, response] = calls[name]
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({
        ':method': 'POST',
        ':path': `/runtime.v1.RuntimeService/${name}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      const chunks: Buffer[] = []
      let status = 'no answer'
      let reason = ''
      const note = (headers: Record<string, unknown>) => {
        status = String(headers['grpc-status'] ?? status)
        reason = decodeURIComponent(String(headers['grpc-message'] ?? reason))
      }
      stream.on('response', note)
      stream.on('trailers', note)
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('close', () => {
        if (status === '0') resolve(decode(response, Buffer.concat(chunks).subarray(5)) as Output<C>)
        else reject(new Error(`${name}: ${reason || status}`))
      })
      stream.end(frame(encode(request, input as object)))
    })
  }

  close(): void {
    this.#session.destroy()
  }
}

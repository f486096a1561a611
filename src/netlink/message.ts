// A netlink message: the 16-byte header, then its body. linux/netlink.h
import { Reader, Writer } from './bytes.ts'
import { type Attributes, type AttributeTable, attributes, type Codec, struct } from './codec.ts'
import { u16, u32 } from './scalar.ts'

export const HEADER_LENGTH = 16

export interface Envelope {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly port: number
}

export type Message<F, A extends AttributeTable> = F & { readonly attributes: Attributes<A> }

const header = struct({ length: u32, type: u16, flags: u16, sequence: u32, port: u32 })

/** The codec of one kind of message body: a fixed struct followed by attributes. */
export function body<F extends Readonly<Record<string, number>>, A extends AttributeTable>(
  fixed: Codec<F>,
  table: A,
): Codec<Message<F, A>> {
  const tail = attributes(table)
  return {
    write(to, value) {
      fixed.write(to, value)
      tail.write(to, value.attributes)
    },
    read: from => ({ ...fixed.read(from), attributes: tail.read(from) }),
  }
}

export function encode<T>(envelope: Envelope, codec: Codec<T>, value: T): Buffer {
  const to = new Writer()
  append(to, envelope, codec, value)
  return to.finish()
}

/** One more message of a datagram. */
export function append<T>(to: Writer, { type, flags, sequence, port }: Envelope, codec: Codec<T>, value: T): void {
  const start = to.length
  header.write(to, { length: 0, type, flags, sequence, port })
  codec.write(to, value)
  to.view.setUint32(start, to.length - start, true)
}

/** The messages of a datagram, one after the other. The last may lack its padding. */
export function* messages(datagram: Uint8Array): Generator<Envelope & { readonly body: Reader }> {
  const from = Reader.of(datagram)
  while (from.remaining > 0) {
    const { length, type, flags, sequence, port } = header.read(from)
    yield { type, flags, sequence, port, body: from.part(length - HEADER_LENGTH) }
    from.align()
  }
}

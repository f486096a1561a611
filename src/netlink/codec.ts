// The vocabulary of message tables: a table names fields and their types; these turn a value into bytes, and back.
import { Reader, type Writer } from './bytes.ts'
import { bytes, u16 } from './scalar.ts'

/** The attributes beside the one being coded; only `select` looks at them. */
export type Siblings = Readonly<Record<string, unknown>>

export interface Codec<T> {
  write(to: Writer, value: T, siblings: Siblings): void
  read(from: Reader, siblings: Siblings): T
  /** Extra bits of the attribute type: NLA_F_NESTED. */
  readonly flags?: number
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never

// biome-ignore lint/suspicious/noExplicitAny: a table mixes codecs of every type; ValueOf recovers each.
type AnyCodec = Codec<any>

const NLA_HEADER_LENGTH = 4
const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff

/** A C struct: its members, in order. */
export function struct<L extends Readonly<Record<string, Codec<number>>>>(
  layout: L,
): Codec<{ readonly [K in keyof L]: number }> {
  const members: [keyof L, Codec<number>][] = Object.entries(layout)
  return {
    write: (to, value) => {
      for (const [name, codec] of members) codec.write(to, value[name], {})
    },
    read: from =>
      Object.fromEntries(members.map(([name, codec]) => [name, codec.read(from, {})])) as { [K in keyof L]: number },
  }
}

export type AttributeTable = Readonly<Record<string, readonly [type: number, codec: AnyCodec]>>
export type Attributes<A extends AttributeTable> = { readonly [K in keyof A]?: ValueOf<A[K][1]> | undefined }

/** A run of attributes. Key order is wire order, both ways, so captured bytes survive a round trip. */
export function attributes<A extends AttributeTable>(table: A): Codec<Attributes<A>> {
  const byType = new Map(Object.entries(table).map(([name, [type, codec]]) => [type, { name, codec }]))
  return {
    write(to, values) {
      for (const [name, value] of Object.entries(values)) {
        const [type, codec] = table[name] ?? [unknownType(name), bytes]
        if (value !== undefined) writeAttribute(to, type, codec, value, values)
      }
    },
    read(from) {
      const values: Record<string, unknown> = {}
      for (const { type, body } of readAttributes(from)) {
        // A newer kernel may say more than we know; keep it under its number, the flag bits included.
        const { name, codec } = byType.get(type & NLA_TYPE_MASK) ?? { name: `#${type}`, codec: bytes }
        values[name] = codec.read(body, values)
      }
      return values as Attributes<A>
    },
  }
}

/** Marks an attribute as holding attributes. rtnetlink's older nests (IFLA_LINKINFO) go unmarked. */
export const nested = <T>(codec: Codec<T>): Codec<T> => ({ ...codec, flags: NLA_F_NESTED })

/** The codec that a sibling attribute names: link data by kind. Unknown names keep their bytes. */
export function select<C extends Readonly<Record<string, AnyCodec>>>(
  key: string,
  choices: C,
): Codec<ValueOf<C[keyof C]> | Uint8Array> {
  const chosen = (siblings: Siblings): AnyCodec => {
    const name = String(siblings[key])
    return Object.hasOwn(choices, name) ? (choices[name] ?? bytes) : bytes
  }
  return {
    write: (to, value, siblings) => chosen(siblings).write(to, value, siblings),
    read: (from, siblings) => chosen(siblings).read(from, siblings),
  }
}

function unknownType(name: string): number {
  if (!/^#\d+$/.test(name)) throw new TypeError(`no attribute "${name}" in the table`)
  return Number(name.slice(1))
}

function writeAttribute<T>(to: Writer, type: number, codec: Codec<T>, value: T, siblings: Siblings): void {
  const start = to.length
  to.take(NLA_HEADER_LENGTH)
  codec.write(to, value, siblings)
  const header = to.at(start, NLA_HEADER_LENGTH)
  header.writeUInt16LE(to.length - start, 0)
  header.writeUInt16LE(type | (codec.flags ?? 0), 2)
  to.align()
}

function* readAttributes(from: Reader): Generator<{ type: number; body: Reader }> {
  while (from.remaining >= NLA_HEADER_LENGTH) {
    const length = u16.read(from, {})
    const type = u16.read(from, {})
    // A length that does not even cover the header would never end: take refuses it.
    yield { type, body: new Reader(from.take(length - NLA_HEADER_LENGTH)) }
    from.align()
  }
}

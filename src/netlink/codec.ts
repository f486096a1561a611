// The vocabulary of message tables: a table names fields and their types; these turn a value into bytes, and back.
import type { Reader, Writer } from './bytes.ts'
import { bytes } from './scalar.ts'

/** The attributes beside the one being coded; only `select` looks at them. */
export type Siblings = Readonly<Record<string, unknown>>

export interface Codec<T> {
  write(to: Writer, value: T, siblings?: Siblings): void
  read(from: Reader, siblings?: Siblings): T
  /** Extra bits of the attribute type: NLA_F_NESTED. */
  readonly flags?: number
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never

// biome-ignore lint/suspicious/noExplicitAny: a table mixes codecs of every type; ValueOf recovers each.
type AnyCodec = Codec<any>

const NLA_HEADER_LENGTH = 4
const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff
const NLA_LENGTH_LIMIT = 0xffff
const NFTA_LIST_ELEM = 1

/** A C struct: its members, in order. */
export function struct<L extends Readonly<Record<string, Codec<number>>>>(
  layout: L,
): Codec<{ readonly [K in keyof L]: number }> {
  const members: [keyof L, Codec<number>][] = Object.entries(layout)
  return {
    write(to, value) {
      for (const [name, codec] of members) codec.write(to, value[name])
    },
    read(from) {
      const value = {} as { [K in keyof L]: number }
      for (const [name, codec] of members) value[name] = codec.read(from)
      return value
    },
  }
}

export type AttributeTable = Readonly<Record<string, readonly [type: number, codec: AnyCodec]>>
export type Attributes<A extends AttributeTable> = { readonly [K in keyof A]?: ValueOf<A[K][1]> | undefined }

type Known = { readonly name: string; readonly codec: AnyCodec }

/** A run of attributes. Key order is wire order, both ways, so captured bytes survive a round trip. */
export function attributes<A extends AttributeTable>(table: A): Codec<Attributes<A>> {
  let byType: ReadonlyMap<number, Known> | undefined
  return {
    write(to, values) {
      for (const name in values) {
        const value = values[name]
        if (value === undefined) continue
        const [type, codec] = table[name] ?? [unknownType(name), bytes]
        writeAttribute(to, type, codec, value, values)
      }
    },
    read(from) {
      // Only now: most tables are written and never read in one call of the plugin.
      byType ??= new Map(Object.entries(table).map(([name, [type, codec]]) => [type, { name, codec }]))
      const values: Record<string, unknown> = {}
      while (from.remaining >= NLA_HEADER_LENGTH) {
        const at = from.take(NLA_HEADER_LENGTH)
        const type = from.view.getUint16(at + 2, true)
        // A length that does not even cover the header would never end: it is refused here.
        const body = from.part(from.view.getUint16(at, true) - NLA_HEADER_LENGTH)
        // A newer kernel may say more than we know; keep it under its number, the flag bits included.
        const { name, codec } = byType.get(type & NLA_TYPE_MASK) ?? { name: `#${type}`, codec: bytes }
        values[name] = codec.read(body, values)
        from.align()
      }
      return values as Attributes<A>
    },
  }
}

/** Marks an attribute as holding attributes. rtnetlink's older nests (IFLA_LINKINFO) go unmarked. */
export const nested = <T>(codec: Codec<T>): Codec<T> => ({ ...codec, flags: NLA_F_NESTED })

/** A run of attributes of one kind. nft counts the elements of a set in their types, where the kernel looks at none. */
export function list<T>(element: Codec<T>, { isNumbered = false } = {}): Codec<readonly T[]> {
  return {
    write(to, values) {
      let number = NFTA_LIST_ELEM
      for (const value of values) {
        writeAttribute(to, number, element, value, {})
        if (isNumbered) number++
      }
    },
    read(from) {
      const values: T[] = []
      while (from.remaining >= NLA_HEADER_LENGTH) {
        const at = from.take(NLA_HEADER_LENGTH)
        values.push(element.read(from.part(from.view.getUint16(at, true) - NLA_HEADER_LENGTH)))
        from.align()
      }
      return values
    },
  }
}

/** The codec that a sibling attribute names: link data by kind. Unknown names keep their bytes. */
export function select<C extends Readonly<Record<string, AnyCodec>>>(
  key: string,
  choices: C,
): Codec<ValueOf<C[keyof C]> | Uint8Array> {
  const chosen = (siblings: Siblings = {}): AnyCodec => {
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
  const start = to.take(NLA_HEADER_LENGTH)
  codec.write(to, value, siblings)
  const length = to.length - start
  // A DataView would cut it to size.
  if (length > NLA_LENGTH_LIMIT) throw new RangeError(`an attribute of ${length} bytes, where ${NLA_LENGTH_LIMIT} fit`)
  to.view.setUint16(start, length, true)
  to.view.setUint16(start + 2, type | (codec.flags ?? 0), true)
  to.align()
}

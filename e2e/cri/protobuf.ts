// Protocol buffers as tables: as much of the encoding as CRI messages need. protobuf.dev/programming-guides/encoding

/** One field: its number, and its value as varint (0) or bytes (2). */
export interface Field<T> {
  readonly number: number
  readonly isList: boolean
  encode(value: T): number | Uint8Array
  decode(value: number | Uint8Array): T
}

export type Table = Record<string, Field<never>>
type Value<F> = F extends Field<infer T> ? T : never
export type Message<T> = { [Name in keyof T]?: Value<T[Name]> | undefined }

const field = <T>(number: number, encode: Field<T>['encode'], decode: Field<T>['decode']): Field<T> => ({
  number,
  isList: false,
  encode,
  decode,
})

export const text = (number: number): Field<string> =>
  field(
    number,
    value => Buffer.from(value),
    value => Buffer.from(value as Uint8Array).toString(),
  )
export const integer = (number: number): Field<number> => field(number, Number, Number)
export const flag = (number: number): Field<boolean> => field(number, Number, Boolean)
export const message = <T extends object>(number: number, table: T): Field<Message<T>> =>
  field(
    number,
    value => encode(table, value),
    value => decode(table, value as Uint8Array),
  )

/** Decoded one element at a time, see decode(). */
export const list = <T>({ number, encode, decode }: Field<T>): Field<T[]> =>
  ({ number, isList: true, encode, decode }) as unknown as Field<T[]>

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}

export function encode<T extends object>(table: T, value: Message<T>): Uint8Array {
  const bytes: number[] = []
  for (const [name, { number, isList, encode }] of Object.entries(table as Record<string, Field<unknown>>)) {
    const given = (value as Record<string, unknown>)[name]
    const elements = given === undefined ? [] : isList ? (given as unknown[]) : [given]
    for (const element of elements.map(encode)) {
      if (typeof element === 'number') bytes.push(...varint(number * 8), ...varint(element))
      else bytes.push(...varint(number * 8 + 2), ...varint(element.length), ...element)
    }
  }
  return Uint8Array.from(bytes)
}

export function decode<T extends object>(table: T, bytes: Uint8Array): Message<T> {
  const fields = Object.entries(table as Record<string, Field<unknown>>)
  const result: Record<string, unknown> = {}
  let at = 0
  const readVarint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const take = (length: number): Uint8Array => {
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const key = readVarint()
    const wire = key & 7
    const raw = wire === 0 ? readVarint() : take(wire === 2 ? readVarint() : wire === 1 ? 8 : 4)
    const [name = '', found] = fields.find(([, { number }]) => number === key >> 3) ?? []
    if (!found) continue
    const value = found.decode(raw)
    if (found.isList) result[name] = [...((result[name] as unknown[] | undefined) ?? []), value]
    else result[name] = value
  }
  return result as Message<T>
}

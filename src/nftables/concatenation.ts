// A key or value of one field, or of several one after the other, each in whole registers of four bytes.
import { Writer } from '../netlink/bytes.ts'
import { bytes } from '../netlink/scalar.ts'
import { type DataTypeName, dataType, decodeScalar, type Scalar } from './data-type.ts'
import { formatInterval, type Interval, parseInterval } from './interval.ts'

/** One value for each type: `['10.0.0.1', 'tcp', 80]`. */
export type Key = readonly Scalar[]

export function encodeKey(types: readonly DataTypeName[], key: Key): Uint8Array {
  const to = new Writer()
  eachOf(types, key, (type, value) => {
    dataType(type).codec.write(to, value)
    if (types.length > 1) to.align()
  })
  return new Uint8Array(to.finish())
}

export const decodeKey = (types: readonly DataTypeName[], whole: Uint8Array): Key =>
  separated(types, whole).map(({ type, part }) => decodeScalar(type, part))

/** Where each part may be a prefix or a range. */
export function encodeInterval(types: readonly DataTypeName[], key: Key): Interval {
  const parts = eachOf(types, key, parseInterval)
  return {
    from: concatenated(
      types,
      parts.map(part => part.from),
    ),
    to: concatenated(
      types,
      parts.map(part => part.to),
    ),
  }
}

export function decodeInterval(types: readonly DataTypeName[], { from, to }: Interval): Key {
  const last = separated(types, to)
  return separated(types, from).map(({ type, part }, at) =>
    formatInterval(type, { from: part, to: last[at]?.part ?? part }),
  )
}

function eachOf<T>(types: readonly DataTypeName[], key: Key, encode: (type: DataTypeName, value: Scalar) => T): T[] {
  if (key.length !== types.length) throw new TypeError(`[${key}] is not of the types ${types.join(' . ')}`)
  return types.map((type, at) => encode(type, key[at] ?? ''))
}

function concatenated(types: readonly DataTypeName[], parts: readonly Uint8Array[]): Uint8Array {
  const to = new Writer()
  for (const part of parts) {
    bytes.write(to, part)
    if (types.length > 1) to.align()
  }
  return new Uint8Array(to.finish())
}

function separated(types: readonly DataTypeName[], whole: Uint8Array): { type: DataTypeName; part: Uint8Array }[] {
  let at = 0
  return types.map(type => {
    const { length } = dataType(type)
    const part = whole.subarray(at, at + length)
    at += aligned(length)
    return { type, part }
  })
}

const aligned = (length: number): number => (length + 3) & ~3

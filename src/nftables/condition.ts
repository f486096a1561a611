// What a packet must be for the rest of a rule to happen. Each reads like nft's text: is('ip saddr', '10.0.0.1') is `ip saddr 10.0.0.1`.
import { masked, replaced } from './bitwise.ts'
import { type DataTypeName, dataType, encodeScalar, type Scalar } from './data-type.ts'
import type { Expression } from './expression.ts'
import { type FieldName, load, typeOf } from './field.ts'
import { maskOf, parseInterval, prefixLength } from './interval.ts'
import { FIRST_REGISTER, registersOf, VERDICT_REGISTER } from './register.ts'

// enum nft_cmp_ops
const EQUAL = 0
const NOT_EQUAL = 1
const LESS_OR_EQUAL = 3
const GREATER_OR_EQUAL = 5
const LOOKUP_INVERTED = 1
const source = FIRST_REGISTER

/** `field value`, or with a prefix of addresses, `field 10.0.0.0/8`. */
export const is = (field: FieldName, value: Scalar, register = source): Expression[] =>
  compared(field, EQUAL, value, register)

/** `field != value`. */
export const isNot = (field: FieldName, value: Scalar): Expression[] => compared(field, NOT_EQUAL, value)

/** `field from-to`, both included. */
export function isBetween(field: FieldName, from: Scalar, to: Scalar): Expression[] {
  const value = (bound: Scalar) => ({ value: encodeScalar(ordered(field), bound) })
  return [
    load(field, source),
    { name: 'cmp', data: { source, operation: GREATER_OR_EQUAL, data: value(from) } },
    { name: 'cmp', data: { source, operation: LESS_OR_EQUAL, data: value(to) } },
  ]
}

/** `field != from-to`. */
export function isNotBetween(field: FieldName, from: Scalar, to: Scalar): Expression[] {
  const value = (bound: Scalar) => ({ value: encodeScalar(ordered(field), bound) })
  return [
    load(field, source),
    { name: 'range', data: { source, operation: NOT_EQUAL, from: value(from), to: value(to) } },
  ]
}

/** `iifname "pw*"`: an interface whose name begins so. */
export function begins(field: 'meta iifname' | 'meta oifname', start: string): Expression[] {
  const value = new Uint8Array(Buffer.from(start))
  return [load(field, source), { name: 'cmp', data: { source, operation: EQUAL, data: { value } } }]
}

/** `ct state established,related`: at least one of these bits is set. */
export function hasAny(field: FieldName, bits: readonly Scalar[]): Expression[] {
  const mask = merged(bits.map(bit => encodeScalar(typeOf(field), bit)))
  const zero = { value: new Uint8Array(mask.length) }
  return [load(field, source), masked(mask), { name: 'cmp', data: { source, operation: NOT_EQUAL, data: zero } }]
}

/** `field & mask == value`. */
export const isUnder = (field: FieldName, mask: Scalar, value: Scalar): Expression[] =>
  comparedUnder(field, EQUAL, mask, value)

/** `field & mask != value`. */
export const isNotUnder = (field: FieldName, mask: Scalar, value: Scalar): Expression[] =>
  comparedUnder(field, NOT_EQUAL, mask, value)

/** `field . field @set`. */
export const isIn = (fields: FieldName | readonly FieldName[], set: string): Expression[] => [
  ...loaded(fields),
  { name: 'lookup', data: { source, set } },
]

/** `field . field != @set`. */
export const isNotIn = (fields: FieldName | readonly FieldName[], set: string): Expression[] => [
  ...loaded(fields),
  { name: 'lookup', data: { source, set, flags: LOOKUP_INVERTED } },
]

/** `field . field vmap @map`. */
export const verdictOf = (fields: FieldName | readonly FieldName[], map: string): Expression[] =>
  lookedUp(fields, map, VERDICT_REGISTER)

/** What a map has for these fields, from a register on. */
export const lookedUp = (
  fields: FieldName | readonly FieldName[],
  set: string,
  destination = FIRST_REGISTER,
): Expression[] => [...loaded(fields), { name: 'lookup', data: { source, destination, set } }]

export function loaded(fields: FieldName | readonly FieldName[]): Expression[] {
  const list = typeof fields === 'string' ? [fields] : fields
  const registers = registersOf(list.map(typeOf))
  return list.map((field, at) => load(field, registers[at] ?? source))
}

function compared(field: FieldName, operation: number, value: Scalar, source = FIRST_REGISTER): Expression[] {
  const { from, to } = parseInterval(typeOf(field), value)
  const length = prefixLength({ from, to })
  if (length === undefined) throw new TypeError(`${field} ${value}: a range is what isBetween takes`)
  const cmp = (value: Uint8Array): Expression => ({ name: 'cmp', data: { source, operation, data: { value } } })
  if (length === from.length * 8) return [load(field, source), cmp(from)]
  // As nft: whole bytes need no mask.
  if (length > 0 && length % 8 === 0) return [load(field, source, length / 8), cmp(from.slice(0, length / 8))]
  return [load(field, source), masked(maskOf(from.length, length), source), cmp(from)]
}

function comparedUnder(field: FieldName, operation: number, mask: Scalar, value: Scalar): Expression[] {
  const bits = encodeScalar(typeOf(field), mask)
  return [
    load(field, source),
    replaced(bits, new Uint8Array(bits.length)),
    { name: 'cmp', data: { source, operation, data: { value: encodeScalar(typeOf(field), value) } } },
  ]
}

/** The kernel compares byte by byte: numbers in the order of a little-endian machine have no order there. */
function ordered(field: FieldName): DataTypeName {
  const type = typeOf(field)
  if (dataType(type).isHostOrder) throw new TypeError(`${field} cannot be compared with a range`)
  return type
}

const merged = (all: readonly Uint8Array[]): Uint8Array =>
  all.reduce((sum, bytes) => sum.map((byte, at) => byte | (bytes[at] ?? 0)))

// From where to where a value reaches, both included: `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, `80-90`, or one value alone.
import { type DataTypeName, dataType, decodeScalar, encodeScalar, type Scalar } from './data-type.ts'

export interface Interval {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/** Only of these; the names of interfaces and protocols may have a hyphen. */
const ranged: readonly DataTypeName[] = ['ipv4_addr', 'ipv6_addr', 'inet_service']

export function parseInterval(type: DataTypeName, value: Scalar): Interval {
  if (typeof value === 'string' && ranged.includes(type)) {
    const [, address = '', length] = /^(.+)\/(\d+)$/.exec(value) ?? []
    if (length !== undefined) return prefixInterval(encodeScalar(type, address), Number(length))
    const [, from = '', to] = /^(.+)-(.+)$/.exec(value) ?? []
    if (to !== undefined) return increasing(encodeText(type, from), encodeText(type, to), value)
  }
  const bytes = encodeScalar(type, value)
  return { from: bytes, to: bytes }
}

export function formatInterval(type: DataTypeName, { from, to }: Interval): Scalar {
  const length = prefixLength({ from, to })
  const bits = dataType(type).length * 8
  if (length === bits) return decodeScalar(type, from)
  if (length !== undefined && type !== 'inet_service') return `${decodeScalar(type, from)}/${length}`
  return `${decodeScalar(type, from)}-${decodeScalar(type, to)}`
}

/** How many bits an interval leaves fixed, if it is a prefix. */
export function prefixLength({ from, to }: Interval): number | undefined {
  const bits = from.length * 8
  let length = 0
  while (length < bits && bit(from, length) === bit(to, length)) length++
  for (let at = length; at < bits; at++) if (bit(from, at) === 1 || bit(to, at) === 0) return undefined
  return length
}

/** What comes after these bytes as one large number, or undefined after the last. */
export function successor(bytes: Uint8Array): Uint8Array | undefined {
  const next = Uint8Array.from(bytes)
  for (let at = next.length - 1; at >= 0; at--) {
    next[at] = ((next[at] ?? 0) + 1) & 0xff
    if (next[at] !== 0) return next
  }
  return undefined
}

/** What comes before these bytes, which are not all zero. */
export function predecessor(bytes: Uint8Array): Uint8Array {
  const previous = Uint8Array.from(bytes)
  for (let at = previous.length - 1; at >= 0; at--) {
    previous[at] = ((previous[at] ?? 0) - 1) & 0xff
    if (previous[at] !== 0xff) break
  }
  return previous
}

/** The bytes that keep the first bits of something. */
export const maskOf = (size: number, length: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => 0xff & ~(0xff >> Math.max(0, Math.min(8, length - at * 8))))

function prefixInterval(address: Uint8Array, length: number): Interval {
  const bits = address.length * 8
  if (length > bits) throw new RangeError(`a prefix of ${length} bits in an address of ${bits}`)
  const mask = maskOf(address.length, length)
  return {
    from: address.map((byte, at) => byte & (mask[at] ?? 0)),
    to: address.map((byte, at) => byte | (0xff & ~(mask[at] ?? 0))),
  }
}

function increasing(from: Uint8Array, to: Uint8Array, text: string): Interval {
  if (Buffer.compare(from, to) > 0) throw new RangeError(`${text} ends before it begins`)
  return { from, to }
}

const encodeText = (type: DataTypeName, text: string): Uint8Array =>
  encodeScalar(type, type === 'inet_service' ? Number(text) : text)

const bit = (bytes: Uint8Array, at: number): number => ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1

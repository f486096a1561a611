// IP addresses as numbers with a family, and as text: read as Go's ParseIP reads it, written as RFC 5952 says.

export type Family = 4 | 6

export interface Address {
  readonly family: Family
  readonly value: bigint
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128)

/** An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is that IPv4 address, as in Go. */
export function parseAddress(text: string): Address {
  if (!text.includes(':')) return { family: 4, value: BigInt(parseFour(text)) }
  const view = new DataView(new ArrayBuffer(16))
  parseSix(text, view, 0)
  if (isMapped(view, 0)) return { family: 4, value: BigInt(view.getUint32(12)) }
  return { family: 6, value: (view.getBigUint64(0) << 64n) | view.getBigUint64(8) }
}

/** Writes the address into zeros, as packets carry it. Returns how many bytes it takes: four or sixteen. */
export function writeAddress(text: string, view: DataView, at: number): number {
  if (!text.includes(':')) {
    view.setUint32(at, parseFour(text))
    return 4
  }
  parseSix(text, view, at)
  if (!isMapped(view, at)) return 16
  view.setUint32(at, view.getUint32(at + 12))
  view.setBigUint64(at + 8, 0n)
  return 4
}

/** The address, or undefined where the text is none. */
export function addressFrom(text: string): Address | undefined {
  try {
    return parseAddress(text)
  } catch {
    return undefined
  }
}

export function formatAddress({ family, value }: Address): string {
  if (family === 4) return formatFour(Number(value))
  const view = new DataView(new ArrayBuffer(16))
  view.setBigUint64(0, value >> 64n)
  view.setBigUint64(8, value & 0xffff_ffff_ffff_ffffn)
  return formatSix(view)
}

export const next = ({ family, value }: Address): Address => ({ family, value: value + 1n })
export const previous = ({ family, value }: Address): Address => ({ family, value: value - 1n })

/** Negative, zero or positive; every IPv4 address comes before every IPv6 one. */
export function compare(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
}

export const isSame = (a: Address, b: Address): boolean => a.family === b.family && a.value === b.value

/** Of four bytes or sixteen in network order. */
export const formatBytes = (view: DataView, at: number, length: 4 | 16): string =>
  length === 4 ? formatFour(view.getUint32(at)) : formatSix(view, at)

const formatFour = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`

function formatSix(view: DataView, at = 0): string {
  const [start, end] = longestZeros(view, at)
  let text = ''
  for (let group = 0; group < 8; group++) {
    if (group === start && group < end) {
      text += '::'
      group = end - 1
      continue
    }
    if (group > 0 && group !== end) text += ':'
    text += view.getUint16(at + group * 2).toString(16)
  }
  return text
}

/** The first of the longest runs of zeros: RFC 5952, section 4.2. */
function longestZeros(view: DataView, at: number): readonly [start: number, end: number] {
  let [first, last] = [0, 0]
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && view.getUint16(at + end * 2) === 0) end++
    // One alone is not worth it.
    if (end - start > Math.max(1, last - first)) [first, last] = [start, end]
    start = end
  }
  return [first, last]
}

const DOT = 0x2e
const COLON = 0x3a

// By characters, without regular expressions or lists: the agent reads tens of thousands, and a plugin, which starts for each call, runs this cold.
/** The dotted address that begins at `start` and ends with the text. */
function parseFour(text: string, start = 0): number {
  let [value, octet, digits, dots] = [0, 0, 0, 0]
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT && digits > 0 && dots < 3) {
      value = value * 256 + octet
      octet = digits = 0
      dots++
      continue
    }
    // A zero before other digits means octal to some, and is refused as Go does.
    const isDigit = code >= 0x30 && code <= 0x39 && !(digits > 0 && octet === 0)
    octet = octet * 10 + code - 0x30
    digits++
    if (!isDigit || octet > 255) throw invalid(text)
  }
  if (dots !== 3 || digits === 0) throw invalid(text)
  return value * 256 + octet
}

const isMapped = (view: DataView, at: number): boolean =>
  view.getUint32(at + 8) === 0xffff && view.getUint32(at + 4) === 0 && view.getUint32(at) === 0

/** Sixteen bytes, where there were zeros. */
function parseSix(text: string, view: DataView, start: number): void {
  // How many groups there are, and how many of them before "::".
  let [count, before] = [0, -1]
  let at = 0
  if (text.startsWith('::')) [before, at] = [0, 2]
  while (at < text.length) {
    const end = groupEnd(text, at)
    if (text.charCodeAt(end) === DOT) {
      if (count > 6) throw invalid(text)
      view.setUint32(start + count * 2, parseFour(text, at))
      count += 2
      break
    }
    if (count === 8 || end === at || end - at > 4) throw invalid(text)
    view.setUint16(start + count * 2, groupValue(text, at, end))
    count++
    if (end === text.length) break
    const isGap = text.charCodeAt(end + 1) === COLON
    at = end + (isGap ? 2 : 1)
    const isRight = text.charCodeAt(end) === COLON && (isGap ? before < 0 : at < text.length)
    if (!isRight) throw invalid(text)
    if (isGap) before = count
  }
  if (before < 0 ? count !== 8 : count > 7) throw invalid(text)
  if (before >= 0) moveToEnd(view, start, before, count)
}

function groupEnd(text: string, start: number): number {
  let end = start
  while (isHexDigit(text.charCodeAt(end))) end++
  return end
}

function groupValue(text: string, start: number, end: number): number {
  let value = 0
  // A letter's low four bits begin with one, for ten.
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    value = value * 16 + (code & 15) + (code > 0x39 ? 9 : 0)
  }
  return value
}

/** The groups from `first` to before `end`, with zeros in their place. */
function moveToEnd(view: DataView, start: number, first: number, end: number): void {
  for (let from = end - 1, to = 7; from >= first; from--, to--) {
    const group = view.getUint16(start + from * 2)
    view.setUint16(start + from * 2, 0)
    view.setUint16(start + to * 2, group)
  }
}

/** NaN, past the end of a text, is none. */
const isHexDigit = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)

const invalid = (text: string): RangeError => new RangeError(`invalid IP address: ${text}`)

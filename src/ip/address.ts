// IP addresses as numbers with a family, and as text: read as Go's ParseIP reads it, written as RFC 5952 says.

export type Family = 4 | 6

export interface Address {
  readonly family: Family
  readonly value: bigint
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128)

const mapped = 0xffffn

/** An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is that IPv4 address, as in Go. */
export function parseAddress(text: string): Address {
  if (!text.includes(':')) return { family: 4, value: BigInt(parseFour(text, text)) }
  const value = parseSix(text)
  return value >> 32n === mapped ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value }
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
  if (family === 4) {
    const number = Number(value)
    return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
  }
  const words = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn))
  const text = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map(word => word.toString(16))
      .join(':')
  const [start, end] = longestZeros(words)
  return end - start < 2 ? text(0, 8) : `${text(0, start)}::${text(end, 8)}`
}

export const next = ({ family, value }: Address): Address => ({ family, value: value + 1n })
export const previous = ({ family, value }: Address): Address => ({ family, value: value - 1n })

/** Negative, zero or positive; every IPv4 address comes before every IPv6 one. */
export function compare(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
}

export const isSame = (a: Address, b: Address): boolean => a.family === b.family && a.value === b.value

/** The first of the longest runs of zeros: RFC 5952, section 4.2. */
function longestZeros(words: readonly number[]): readonly [start: number, end: number] {
  let longest: readonly [number, number] = [0, 0]
  for (let start = 0; start < words.length; start++) {
    let end = start
    while (words[end] === 0) end++
    if (end - start > longest[1] - longest[0]) longest = [start, end]
    start = end
  }
  return longest
}

// Without regular expressions: their first use costs a plugin, which starts for each call, a quarter of a millisecond.
function parseFour(text: string, whole: string): number {
  const octets = text.split('.')
  if (octets.length !== 4) throw invalid(whole)
  return octets.reduce((value, octet) => {
    const number = Number(octet)
    if (!(number >= 0 && number <= 255 && String(number) === octet)) throw invalid(whole)
    return value * 256 + number
  }, 0)
}

function parseSix(text: string): bigint {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) throw invalid(text)
  const left = groups(head, text, tail === undefined)
  if (tail === undefined) {
    if (left.length !== 8) throw invalid(text)
    return join(left)
  }
  const right = groups(tail, text, true)
  const zeros = 8 - left.length - right.length
  if (zeros < 1) throw invalid(text)
  return join([...left, ...Array.from({ length: zeros }, () => 0), ...right])
}

/** Only the last part of the text may end in a dotted IPv4 address, which stands for two groups. */
function groups(part: string, whole: string, isLast: boolean): number[] {
  if (part === '') return []
  const words = part.split(':')
  return words.flatMap((word, i) => {
    if (isLast && i === words.length - 1 && word.includes('.')) {
      const value = parseFour(word, whole)
      return [Math.floor(value / 65536), value % 65536]
    }
    const number = Number(`0x${word}`)
    const isWord = word.length <= 4 && number.toString(16).padStart(word.length, '0') === word.toLowerCase()
    if (!isWord) throw invalid(whole)
    return [number]
  })
}

const join = (words: readonly number[]): bigint => words.reduce((value, word) => (value << 16n) | BigInt(word), 0n)

const invalid = (text: string): RangeError => new RangeError(`invalid IP address: ${text}`)

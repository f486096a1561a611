// One element of a set or map, and the attributes that say it. linux/netfilter/nf_tables.h, enum nft_set_elem_attributes
import { attributes, type ValueOf } from '../netlink/codec.ts'
import { be32, be64, bytes } from '../netlink/scalar.ts'
import { decodeInterval, decodeKey, encodeInterval, encodeKey, type Key } from './concatenation.ts'
import { type Data, data, decodeVerdict, encodeVerdict, type Verdict } from './data.ts'
import { predecessor, successor } from './interval.ts'
import type { NftSet } from './set.ts'
import { commentEntry, commentIn, encodeUserData, type UserData } from './user-data.ts'

export const elementAttributes = attributes({
  key: [1, data],
  value: [2, data],
  flags: [3, be32],
  timeoutMs: [4, be64],
  expirationMs: [5, be64],
  userData: [6, bytes],
  keyEnd: [10, data],
})

type ElementAttributes = ValueOf<typeof elementAttributes>

export interface Element {
  /** One value for each type of the set's key: `['10.0.0.1', 'tcp', 80]`; in an interval set also `['10.0.0.0/8']`. */
  readonly key: Key
  readonly value?: Verdict | Key
  readonly timeoutMs?: number
  readonly comment?: string
}

const NFT_SET_ELEM_INTERVAL_END = 1
// How nft tells what reaches to the end of all values from one value alone: NFTNL_UDATA_SET_ELEM_FLAGS, SET_ELEM_F_INTERVAL_OPEN.
const OPEN_INTERVAL: UserData[number] = [1, Uint8Array.of(1, 0, 0, 0)]

/** An interval of a single field is two elements: where it begins, and what comes after it. */
export function encodeElement(set: NftSet, element: Element): ElementAttributes[] {
  const { timeoutMs, comment } = element
  const value = element.value && encodeValue(set, element.value)
  const userData = encodeUserData(commentEntry(comment))
  if (!set.isInterval) return [{ timeoutMs, key: { value: encodeKey(set.key, element.key) }, value, userData }]
  const { from, to } = encodeInterval(set.key, element.key)
  const key = { value: from }
  if (set.key.length > 1) return [{ timeoutMs, key, keyEnd: { value: to }, value, userData }]
  const after = successor(to)
  if (after !== undefined)
    return [
      { timeoutMs, key, value, userData },
      { flags: NFT_SET_ELEM_INTERVAL_END, key: { value: after } },
    ]
  return [{ timeoutMs, key, value, userData: encodeUserData([...commentEntry(comment), OPEN_INTERVAL]) }]
}

export function decodeElements(set: NftSet, found: readonly ElementAttributes[]): Element[] {
  if (set.isInterval && set.key.length === 1) return decodePairs(set, found)
  return found.map(element => {
    const from = keyOf(element)
    const to = element.keyEnd?.value ?? from
    const key = set.isInterval ? decodeInterval(set.key, { from, to }) : decodeKey(set.key, from)
    return { key, ...rest(set, element) }
  })
}

function decodePairs(set: NftSet, found: readonly ElementAttributes[]): Element[] {
  // Where one interval ends the next may begin.
  const sorted = found.toSorted((a, b) => Buffer.compare(keyOf(a), keyOf(b)) || Number(isEnd(b)) - Number(isEnd(a)))
  return sorted.flatMap((element, at) => {
    if (isEnd(element)) return []
    const from = keyOf(element)
    const next = sorted[at + 1]
    const to = next === undefined ? from.map(() => 0xff) : predecessor(keyOf(next))
    return [{ key: decodeInterval(set.key, { from, to }), ...rest(set, element) }]
  })
}

function rest(set: NftSet, { value, timeoutMs, userData }: ElementAttributes): Omit<Element, 'key'> {
  return {
    ...(value && { value: decodeValue(set, value) }),
    ...(timeoutMs && timeoutMs !== set.timeoutMs && { timeoutMs }),
    ...commentIn(userData),
  }
}

function encodeValue({ name, value: types }: NftSet, value: Verdict | Key): Data {
  if (types === undefined) throw new TypeError(`${name} is a set: its elements have no values`)
  if (types === 'verdict' && typeof value === 'string') return encodeVerdict(value)
  if (types !== 'verdict' && typeof value !== 'string') return { value: encodeKey(types, value) }
  throw new TypeError(`${name} does not map to ${value}`)
}

function decodeValue({ value: types }: NftSet, { value, verdict }: Data): Verdict | Key {
  if (verdict !== undefined) return decodeVerdict(verdict)
  return types === undefined || types === 'verdict' ? [] : decodeKey(types, value ?? new Uint8Array())
}

const isEnd = ({ flags = 0 }: ElementAttributes): boolean => (flags & NFT_SET_ELEM_INTERVAL_END) !== 0

const keyOf = ({ key }: ElementAttributes): Uint8Array => key?.value ?? new Uint8Array()

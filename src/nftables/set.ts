// nft(8) SETS and MAPS · linux/netfilter/nf_tables.h, enum nft_set_attributes
import { attributes, list, nested, type ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, be64, bytes, text } from '../netlink/scalar.ts'
import { type DataTypeName, dataType, typeName } from './data-type.ts'
import { familyOf, headerOf, type Within } from './family.ts'
import { concatenatedLength, lengthsOf } from './register.ts'
import { SET_COMMENT, setUserData } from './set-user-data.ts'
import { commentIn } from './user-data.ts'

const description = attributes({
  size: [1, be32],
  concatenation: [2, nested(list(nested(attributes({ length: [1, be32] }))))],
})

export const setMessage = body(nfgenmsg, {
  table: [1, text],
  name: [2, text],
  flags: [3, be32],
  keyType: [4, be32],
  keyLength: [5, be32],
  dataType: [6, be32],
  dataLength: [7, be32],
  policy: [8, be32],
  description: [9, nested(description)],
  id: [10, be32],
  timeoutMs: [11, be64],
  gcIntervalMs: [12, be32],
  userData: [13, bytes],
  handle: [16, be64],
})

type SetMessage = ValueOf<typeof setMessage>

const NFT_SET_INTERVAL = 0x04
const NFT_SET_MAP = 0x08
const NFT_SET_TIMEOUT = 0x10
const NFT_SET_EVAL = 0x20
const NFT_SET_CONCAT = 0x80
const NFT_DATA_VERDICT = 0xffffff00
const TYPE_BITS = 6

/** A set, or with `value`, a map. */
export interface NftSet extends Within {
  readonly kind: 'set'
  readonly name: string
  readonly key: readonly DataTypeName[]
  readonly value?: readonly DataTypeName[] | 'verdict'
  /** Its keys may be prefixes and ranges. */
  readonly isInterval?: boolean
  /** Its elements leave by themselves: after so long, or where it is 0, when each of them says. */
  readonly timeoutMs?: number
  /** Rules may put elements into it. */
  readonly isDynamic?: boolean
  /** How many elements it holds at most. */
  readonly size?: number
  readonly comment?: string
}

/** `id` tells the new sets of a batch apart. */
export function encodeSet(set: NftSet, id: number): SetMessage {
  const { family, table, name, key, value, size, timeoutMs } = set
  const isConcatenation = key.length > 1 && set.isInterval
  const concatenation = isConcatenation ? lengthsOf(key).map(length => ({ length })) : undefined
  return {
    ...headerOf(family),
    attributes: {
      table,
      name,
      flags: flagsOf(set),
      keyType: typeCode(key),
      keyLength: concatenatedLength(key),
      ...(value && { dataType: typeCode(value), dataLength: value === 'verdict' ? 0 : concatenatedLength(value) }),
      id,
      ...((size ?? concatenation) && { description: { size, concatenation } }),
      timeoutMs: timeoutMs || undefined,
      userData: setUserData(set),
    },
  }
}

export const nameSet = ({ family, table, name }: NftSet): SetMessage => ({
  ...headerOf(family),
  attributes: { table, name },
})

export function decodeSet(message: SetMessage): NftSet {
  const {
    table = '',
    name = '',
    flags = 0,
    keyType = 0,
    dataType,
    timeoutMs = 0,
    description,
    userData,
  } = message.attributes
  const { size = 0 } = description ?? {}
  return {
    kind: 'set',
    family: familyOf(message),
    table,
    name,
    key: typeNames(keyType),
    ...(dataType !== undefined && { value: dataType === NFT_DATA_VERDICT ? 'verdict' : typeNames(dataType) }),
    ...(flags & NFT_SET_INTERVAL && { isInterval: true }),
    ...(flags & NFT_SET_TIMEOUT && { timeoutMs }),
    ...(flags & NFT_SET_EVAL && { isDynamic: true }),
    ...(size > 0 && { size }),
    ...commentIn(userData, SET_COMMENT),
  }
}

function flagsOf({ key, value, isInterval, isDynamic, timeoutMs }: NftSet): number {
  let flags = 0
  if (isInterval) flags |= NFT_SET_INTERVAL | (key.length > 1 ? NFT_SET_CONCAT : 0)
  if (value) flags |= NFT_SET_MAP
  if (timeoutMs !== undefined) flags |= NFT_SET_TIMEOUT
  if (isDynamic) flags |= NFT_SET_EVAL
  return flags
}

/** One number for all types of a concatenation, six bits each, as nft has it. The kernel only keeps it. */
const typeCode = (types: readonly DataTypeName[] | 'verdict'): number =>
  types === 'verdict' ? NFT_DATA_VERDICT : types.reduce((code, type) => (code << TYPE_BITS) | dataType(type).code, 0)

/** None where there is one that we do not know. */
function typeNames(code: number): DataTypeName[] {
  const names: (DataTypeName | undefined)[] = []
  for (let left = code; left > 0; left >>>= TYPE_BITS) names.unshift(typeName(left % (1 << TYPE_BITS)))
  return names.includes(undefined) ? [] : (names as DataTypeName[])
}

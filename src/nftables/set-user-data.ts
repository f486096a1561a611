// What nft notes about a set to be able to list it: libnftnl/udata.h, enum nftnl_udata_set_types, and src/mnl.c of nftables
import { type DataTypeName, dataType } from './data-type.ts'
import type { NftSet } from './set.ts'
import { commentEntry, encodeUserData, type UserData } from './user-data.ts'

const KEY_BYTE_ORDER = 0
const DATA_BYTE_ORDER = 1
const KEY_TYPEOF = 3
const DATA_TYPEOF = 4
const DATA_INTERVAL = 6
export const SET_COMMENT = 7

// enum byteorder of nft: a concatenation and a verdict have none.
const NO_ORDER = 0
const HOST_ORDER = 1
const NETWORK_ORDER = 2
// NFTNL_UDATA_SET_TYPEOF_EXPR: a concatenation (13), of which nothing more is said.
const CONCATENATION = Uint8Array.of(0, 4, 13, 0, 0, 0, 1, 0)

export function setUserData({ key, value, comment }: NftSet): Uint8Array | undefined {
  const types = value === 'verdict' ? [] : value
  return encodeUserData([
    [KEY_BYTE_ORDER, u32(byteOrder(key))],
    ...when(types, [DATA_BYTE_ORDER, u32(byteOrder(types ?? []))]),
    ...when(key.length > 1, [KEY_TYPEOF, CONCATENATION]),
    ...when(types && types.length > 1, [DATA_TYPEOF, CONCATENATION]),
    ...when(types, [DATA_INTERVAL, u32(0)]),
    ...commentEntry(comment, SET_COMMENT),
  ])
}

function byteOrder([type, ...more]: readonly DataTypeName[]): number {
  if (type === undefined || more.length > 0) return NO_ORDER
  return dataType(type).isHostOrder ? HOST_ORDER : NETWORK_ORDER
}

const when = (holds: unknown, entry: UserData[number]): UserData => (holds ? [entry] : [])

const u32 = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0)

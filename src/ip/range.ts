// A run of addresses of one family, both ends included.
import { type Address, compare, formatAddress } from './address.ts'

export interface Range {
  readonly start: Address
  readonly end: Address
}

export const contains = ({ start, end }: Range, address: Address): boolean =>
  address.family === start.family && compare(start, address) <= 0 && compare(address, end) <= 0

export const overlaps = (a: Range, b: Range): boolean =>
  a.start.family === b.start.family && compare(a.start, b.end) <= 0 && compare(b.start, a.end) <= 0

export const size = ({ start, end }: Range): bigint => end.value - start.value + 1n

export const formatRange = ({ start, end }: Range): string => `${formatAddress(start)}-${formatAddress(end)}`

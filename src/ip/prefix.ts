// An address with a prefix length, as in 10.1.2.3/24. It may carry host bits: an interface's address does, a subnet's does not.
import { type Address, addressFrom, bitsOf, formatAddress } from './address.ts'

export interface Prefix {
  readonly address: Address
  readonly length: number
}

export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/')
  const digits = text.slice(slash + 1)
  const address = slash < 0 ? undefined : addressFrom(text.slice(0, slash))
  const length = /^\d+$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY
  if (address === undefined || length > bitsOf(address.family)) throw new RangeError(`invalid CIDR address: ${text}`)
  return { address, length }
}

export const formatPrefix = ({ address, length }: Prefix): string => `${formatAddress(address)}/${length}`

/** The network address. */
export function firstOf(prefix: Prefix): Address {
  const { family, value } = prefix.address
  const bits = hostBits(prefix)
  return { family, value: (value >> bits) << bits }
}

/** The address with every host bit set: for IPv4 the broadcast address. */
export function lastOf(prefix: Prefix): Address {
  const { family, value } = prefix.address
  return { family, value: value | hostMask(prefix) }
}

export const hasHostBits = (prefix: Prefix): boolean => (prefix.address.value & hostMask(prefix)) !== 0n

export function contains(prefix: Prefix, address: Address): boolean {
  if (address.family !== prefix.address.family) return false
  return (address.value ^ prefix.address.value) >> hostBits(prefix) === 0n
}

/** The prefix of one address alone: /32 or /128. */
export const hostPrefix = (address: Address): Prefix => ({ address, length: bitsOf(address.family) })

const hostBits = ({ address, length }: Prefix): bigint => BigInt(bitsOf(address.family) - length)
const hostMask = (prefix: Prefix): bigint => (1n << hostBits(prefix)) - 1n

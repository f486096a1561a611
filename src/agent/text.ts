// Addresses and prefixes as text, written once for as long as the value lives: a cluster's thousands are compared at each change.
import { type Address, formatAddress } from '../ip/address.ts'
import { formatPrefix, type Prefix } from '../ip/prefix.ts'

const addresses = new WeakMap<Address, string>()
const prefixes = new WeakMap<Prefix, string>()

export const addressText = (address: Address): string => remembered(addresses, address, formatAddress)
export const prefixText = (prefix: Prefix): string => remembered(prefixes, prefix, formatPrefix)

function remembered<T extends object>(texts: WeakMap<T, string>, value: T, format: (value: T) => string): string {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = format(value)
  texts.set(value, text)
  return text
}

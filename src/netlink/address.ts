// Addresses inside attributes. On the wire: bytes in network order. In a value: text.
import { type Family, formatAddress, parseAddress } from '../ip/address.ts'
import type { Codec } from './codec.ts'

const FAMILY_OF_LENGTH: Readonly<Record<number, Family>> = { 4: 4, 16: 6 }

export const ip: Codec<string> = {
  write: (to, text) => {
    const { family, value } = parseAddress(text)
    const length = family === 4 ? 4 : 16
    to.take(length).write(value.toString(16).padStart(length * 2, '0'), 'hex')
  },
  read: from => {
    const bytes = from.rest()
    const family = FAMILY_OF_LENGTH[bytes.length]
    if (family === undefined) throw new RangeError(`an address of ${bytes.length} bytes`)
    return formatAddress({ family, value: BigInt(`0x${bytes.toString('hex')}`) })
  },
}

/** A link-layer address: six bytes on Ethernet, four or sixteen on a tunnel. */
export const mac: Codec<string> = {
  write: (to, text) => {
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) throw new RangeError(`not a MAC address: ${text}`)
    const hex = text.replaceAll(':', '')
    to.take(hex.length / 2).write(hex, 'hex')
  },
  read: from =>
    from
      .rest()
      .toString('hex')
      .replace(/(..)(?!$)/g, '$1:'),
}

// Addresses inside attributes. On the wire: bytes in network order. In a value: text.
import { formatBytes, writeAddress } from '../ip/address.ts'
import type { Codec } from './codec.ts'

export const ip: Codec<string> = {
  write(to, text) {
    const at = to.take(16)
    to.length = at + writeAddress(text, to.view, at)
  },
  read(from) {
    const { view, remaining: length } = from
    if (length !== 4 && length !== 16) throw new RangeError(`an address of ${length} bytes`)
    return formatBytes(view, from.take(length), length)
  },
}

/** A link-layer address: six bytes on Ethernet, four or sixteen on a tunnel. */
export const mac: Codec<string> = {
  write(to, text) {
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) throw new RangeError(`not a MAC address: ${text}`)
    const at = to.take((text.length + 1) / 3)
    to.bytes.write(text.replaceAll(':', ''), at, 'hex')
  },
  read(from) {
    const at = from.take(from.remaining)
    const hex = from.bytes.toString('hex', at, from.end)
    let text = hex.slice(0, 2)
    for (let i = 2; i < hex.length; i += 2) text += `:${hex.slice(i, i + 2)}`
    return text
  },
}

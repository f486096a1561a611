// Addresses inside attributes. On the wire: bytes in network order. In a value: text.
import { formatAddress, parseAddress } from '../ip/address.ts'
import type { Codec } from './codec.ts'

export const ip: Codec<string> = {
  write(to, text) {
    const { family, value } = parseAddress(text)
    const at = to.take(family === 4 ? 4 : 16)
    if (family === 4) to.view.setUint32(at, Number(value))
    else {
      to.view.setBigUint64(at, value >> 64n)
      to.view.setBigUint64(at + 8, BigInt.asUintN(64, value))
    }
  },
  read(from) {
    const { view, remaining: length } = from
    const at = from.take(length)
    if (length === 4) return formatAddress({ family: 4, value: BigInt(view.getUint32(at)) })
    if (length !== 16) throw new RangeError(`an address of ${length} bytes`)
    return formatAddress({ family: 6, value: (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8) })
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

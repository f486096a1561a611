// What fields, keys and map values hold, by nft's names and numbers: its datatype.h. The bytes are those that the kernel compares.
import { ip } from '../netlink/address.ts'
import { Reader, Writer } from '../netlink/bytes.ts'
import type { Codec } from '../netlink/codec.ts'
import { be16, u8, u32 } from '../netlink/scalar.ts'

/** One value: an address, an interface or a protocol by name, a port or a mark by number. */
export type Scalar = string | number

export interface DataType {
  readonly code: number
  readonly length: number
  readonly codec: Codec<Scalar>
  /** Numbers that the kernel itself puts into a register stand there as the machine has them. */
  readonly isHostOrder?: true
}

const protocols = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, sctp: 132 }
const nfprotos = { ipv4: 2, ipv6: 10 }
const etherTypes = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd }
const addressTypes = { unspec: 0, unicast: 1, local: 2, broadcast: 3, anycast: 4, multicast: 5, blackhole: 6 }
const booleans = { missing: 0, exists: 1 }
const directions = { original: 0, reply: 1 }
// Bits, of which several may be set.
const states = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }
const statuses = { expected: 1, 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32 }

const interfaceName: Codec<Scalar> = {
  write(to, value) {
    const name = String(value)
    if (name === '' || Buffer.byteLength(name) > 15) throw new RangeError(`not the name of an interface: "${name}"`)
    const at = to.take(16)
    to.bytes.write(name, at)
  },
  read(from) {
    const at = from.take(16)
    return from.bytes.toString('utf8', at, from.end).replace(/\0.*$/s, '')
  },
}

export const dataTypes = {
  nf_proto: { code: 2, length: 1, codec: named(u8, nfprotos) },
  ipv4_addr: { code: 7, length: 4, codec: sized(ip, 4) },
  ipv6_addr: { code: 8, length: 16, codec: sized(ip, 16) },
  ether_type: { code: 10, length: 2, codec: named(be16, etherTypes) },
  inet_proto: { code: 12, length: 1, codec: named(u8, protocols) },
  inet_service: { code: 13, length: 2, codec: named(be16) },
  icmp_type: { code: 14, length: 1, codec: named(u8) },
  mark: { code: 19, length: 4, codec: named(u32), isHostOrder: true },
  iface_index: { code: 20, length: 4, codec: named(u32), isHostOrder: true },
  ct_state: { code: 26, length: 4, codec: named(u32, states), isHostOrder: true },
  ct_dir: { code: 27, length: 1, codec: named(u8, directions) },
  ct_status: { code: 28, length: 4, codec: named(u32, statuses), isHostOrder: true },
  icmpv6_type: { code: 29, length: 1, codec: named(u8) },
  devgroup: { code: 35, length: 4, codec: named(u32), isHostOrder: true },
  fib_addrtype: { code: 38, length: 4, codec: named(u32, addressTypes), isHostOrder: true },
  boolean: { code: 40, length: 4, codec: named(u32, booleans), isHostOrder: true },
  ifname: { code: 41, length: 16, codec: interfaceName, isHostOrder: true },
} as const satisfies Record<string, DataType>

export type DataTypeName = keyof typeof dataTypes

export const dataType = (name: DataTypeName): DataType => dataTypes[name]

export function typeName(code: number): DataTypeName | undefined {
  for (const name in dataTypes) if (dataType(name as DataTypeName).code === code) return name as DataTypeName
  return undefined
}

export function encodeScalar(name: DataTypeName, value: Scalar): Uint8Array<ArrayBuffer> {
  const to = new Writer()
  dataType(name).codec.write(to, value)
  return new Uint8Array(to.finish())
}

export const decodeScalar = (name: DataTypeName, bytes: Uint8Array): Scalar =>
  dataType(name).codec.read(Reader.of(bytes))

/** A number that some have a name for: written either way, read as the name. */
function named(codec: Codec<number>, numbers: Readonly<Record<string, number>> = {}): Codec<Scalar> {
  return {
    write(to, value) {
      const number = typeof value === 'number' ? value : numbers[value]
      if (number === undefined) throw new RangeError(`"${value}" is not one of ${Object.keys(numbers)}`)
      codec.write(to, number)
    },
    read(from) {
      const number = codec.read(from)
      return Object.keys(numbers).find(name => numbers[name] === number) ?? number
    },
  }
}

/** A text that must take just so many bytes: an address of its own family. */
function sized(codec: Codec<string>, length: number): Codec<Scalar> {
  return {
    write(to, value) {
      const start = to.length
      codec.write(to, String(value))
      if (to.length - start !== length) throw new RangeError(`${value} does not take ${length} bytes`)
    },
    read: from => codec.read(from.part(length)),
  }
}

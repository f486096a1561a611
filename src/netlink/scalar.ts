// Numbers, texts and bytes, the leaves of every message table.
import type { Reader, Writer } from './bytes.ts'
import type { Codec } from './codec.ts'

type Get = (view: DataView, at: number) => number
type Set = (view: DataView, at: number, value: number) => void

function integer(size: number, least: number, most: number, get: Get, set: Set): Codec<number> {
  return {
    write(to, value) {
      // A DataView would cut it to size.
      if (!(Number.isInteger(value) && value >= least && value <= most))
        throw new RangeError(`${value} is not in ${least}..${most}`)
      const at = to.take(size)
      set(to.view, at, value)
    },
    read: from => get(from.view, from.take(size)),
  }
}

export const u8 = integer(
  1,
  0,
  0xff,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, value),
)
export const u16 = integer(
  2,
  0,
  0xffff,
  (view, at) => view.getUint16(at, true),
  (view, at, value) => view.setUint16(at, value, true),
)
export const u32 = integer(
  4,
  0,
  0xffffffff,
  (view, at) => view.getUint32(at, true),
  (view, at, value) => view.setUint32(at, value, true),
)
export const i32 = integer(
  4,
  -0x80000000,
  0x7fffffff,
  (view, at) => view.getInt32(at, true),
  (view, at, value) => view.setInt32(at, value, true),
)

export const u64: Codec<bigint> = {
  write(to, value) {
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} takes more than 64 bits`)
    const at = to.take(8)
    to.view.setBigUint64(at, value, true)
  },
  read: from => from.view.getBigUint64(from.take(8), true),
}

/** In network order, as netfilter has its numbers. */
export const be16 = integer(
  2,
  0,
  0xffff,
  (view, at) => view.getUint16(at),
  (view, at, value) => view.setUint16(at, value),
)

export const be32 = integer(
  4,
  0,
  0xffffffff,
  (view, at) => view.getUint32(at),
  (view, at, value) => view.setUint32(at, value),
)
export const be32signed = integer(
  4,
  -0x80000000,
  0x7fffffff,
  (view, at) => view.getInt32(at),
  (view, at, value) => view.setInt32(at, value),
)
/** A number that counts: read beyond 2^53, it loses its last digits. */
export const be64 = integer(
  8,
  0,
  Number.MAX_SAFE_INTEGER,
  (view, at) => Number(view.getBigUint64(at)),
  (view, at, value) => view.setBigUint64(at, BigInt(value)),
)

/** A copy: the buffer that a message arrived in is used again for the next. */
export const bytes: Codec<Uint8Array> = {
  write(to, value) {
    const at = to.take(value.length)
    to.bytes.set(value, at)
  },
  read: from => {
    const at = from.take(from.remaining)
    return new Uint8Array(from.bytes.subarray(at, from.end))
  },
}

/** A string that ends with NUL. */
export const text: Codec<string> = {
  write: (to, value) => writeText(to, value, 1),
  read: readText,
}

/** A string without its NUL, as iproute2 sends IFLA_INFO_KIND and IFLA_IFALIAS; the kernel answers with one. */
export const bareText: Codec<string> = {
  write: (to, value) => writeText(to, value, 0),
  read: readText,
}

function writeText(to: Writer, value: string, nul: number): void {
  const at = to.take(Buffer.byteLength(value) + nul)
  to.bytes.write(value, at)
}

function readText(from: Reader): string {
  const { bytes, end } = from
  const start = from.take(from.remaining)
  let stop = start
  while (stop < end && bytes[stop] !== 0) stop++
  return bytes.toString('utf8', start, stop)
}

// Numbers, texts and bytes, the leaves of every message table.
import type { Codec } from './codec.ts'

const integer = (size: number, read: (b: Buffer) => number, write: (b: Buffer, v: number) => void): Codec<number> => ({
  write: (to, value) => write(to.take(size), value),
  read: from => read(from.take(size)),
})

export const u8 = integer(
  1,
  b => b.readUInt8(),
  (b, v) => b.writeUInt8(v),
)
export const u16 = integer(
  2,
  b => b.readUInt16LE(),
  (b, v) => b.writeUInt16LE(v),
)
export const u32 = integer(
  4,
  b => b.readUInt32LE(),
  (b, v) => b.writeUInt32LE(v),
)
export const i32 = integer(
  4,
  b => b.readInt32LE(),
  (b, v) => b.writeInt32LE(v),
)

/** A copy: the buffer that a message arrived in is used again for the next. */
export const bytes: Codec<Uint8Array> = {
  write: (to, value) => void to.take(value.length).set(value),
  read: from => Uint8Array.from(from.rest()),
}

/** A string that ends with NUL. */
export const text: Codec<string> = {
  write: (to, value) => void to.take(Buffer.byteLength(value) + 1).write(value),
  read: from => from.rest().toString().replace(/\0.*$/s, ''),
}

/** A string without its NUL, as iproute2 sends IFLA_INFO_KIND and IFLA_IFALIAS; the kernel answers with one. */
export const bareText: Codec<string> = {
  write: (to, value) => void to.take(Buffer.byteLength(value)).write(value),
  read: text.read,
}

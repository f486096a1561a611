// What nft writes for itself into objects, which the kernel keeps and never reads: libnftnl's udata.h, entries of type, length and bytes

/** The comment of everything but a set. */
export const COMMENT = 0

export type UserData = readonly (readonly [type: number, value: Uint8Array])[]

/** Undefined where there is nothing to say. */
export function encodeUserData(entries: UserData): Uint8Array | undefined {
  if (entries.length === 0) return undefined
  return Uint8Array.from(entries.flatMap(([type, value]) => [type, checked(value).length, ...value]))
}

/** Others may write whatever they like: what is no entry ends the list. */
export function decodeUserData(bytes: Uint8Array = new Uint8Array()): UserData {
  const entries: [number, Uint8Array][] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [type = 0, length = 0] = bytes.subarray(at, at + 2)
    if (at + 2 + length > bytes.length) break
    entries.push([type, bytes.subarray(at + 2, at + 2 + length)])
    at += 2 + length
  }
  return entries
}

export const commentEntry = (comment: string | undefined, type = COMMENT): UserData =>
  comment === undefined ? [] : [[type, Buffer.from(`${comment}\0`)]]

/** `{}` where there is none, to be spread into an object. */
export function commentIn(bytes: Uint8Array | undefined, type = COMMENT): { readonly comment?: string } {
  const [, value] = decodeUserData(bytes).find(([entry]) => entry === type) ?? []
  return value === undefined ? {} : { comment: Buffer.from(value).toString('utf8').replace(/\0.*$/s, '') }
}

function checked(value: Uint8Array): Uint8Array {
  if (value.length > 255) throw new RangeError(`a comment of ${value.length - 1} bytes, where 254 fit`)
  return value
}

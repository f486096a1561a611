// What nft writes for itself into objects, which the kernel keeps and never reads: libnftnl's udata.h, entries of type, length and bytes

import { Writer } from '../netlink/bytes.ts'
import { bytes, u8 } from '../netlink/scalar.ts'

/** The comment of everything but a set. */
export const COMMENT = 0

const LONGEST = 255

export type UserData = readonly (readonly [type: number, value: Uint8Array])[]

/** Undefined where there is nothing to say. */
export function encodeUserData(entries: UserData): Uint8Array | undefined {
  if (entries.length === 0) return undefined
  const to = new Writer()
  for (const [type, value] of entries) {
    u8.write(to, type)
    u8.write(to, value.length)
    bytes.write(to, value)
  }
  return new Uint8Array(to.finish())
}

/** Others may write whatever they like: what is no entry ends the list. */
export function decodeUserData(found: Uint8Array = new Uint8Array()): UserData {
  const entries: [number, Uint8Array][] = []
  for (let at = 0; at + 2 <= found.length; ) {
    const [type = 0, length = 0] = found.subarray(at, at + 2)
    if (at + 2 + length > found.length) break
    entries.push([type, found.subarray(at + 2, at + 2 + length)])
    at += 2 + length
  }
  return entries
}

export const commentEntry = (comment: string | undefined, type = COMMENT): UserData =>
  comment === undefined ? [] : [[type, commentBytes(comment)]]

/** `{}` where there is none, to be spread into an object. */
export function commentIn(userData: Uint8Array | undefined, type = COMMENT): { readonly comment?: string } {
  const [, value] = decodeUserData(userData).find(([entry]) => entry === type) ?? []
  return value === undefined ? {} : { comment: Buffer.from(value).toString('utf8').replace(/\0.*$/s, '') }
}

function commentBytes(comment: string): Uint8Array {
  const value = Buffer.from(`${comment}\0`)
  if (value.length > LONGEST) throw new RangeError(`a comment of ${value.length - 1} bytes, where ${LONGEST - 1} fit`)
  return value
}

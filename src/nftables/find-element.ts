// One element of a set or map, however large that is. nft(8) get element
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import type { Key } from './concatenation.ts'
import { decodeElements, type Element, encodeElement } from './element.ts'
import { elementsMessage } from './elements.ts'
import { headerOf } from './family.ts'
import { ELEMENTS } from './message-type.ts'
import type { NftSet } from './set.ts'

/** Undefined where the set, or its table, has none of that key. */
export function findElement(connection: Connection, set: NftSet, key: Key): Element | undefined {
  const { family, table, name, isInterval } = set
  if (isInterval) throw new TypeError(`${name}: the kernel tells only where an interval begins; read the whole set`)
  const asked = { ...headerOf(family), attributes: { table, set: name, elements: encodeElement(set, { key }) } }
  try {
    const { attributes } = connection.get(`look up ${key} in ${name}`, ELEMENTS.get, elementsMessage, asked)
    return decodeElements(set, attributes.elements ?? [])[0]
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

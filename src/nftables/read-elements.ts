// All elements of one set or map.
import type { Connection } from '../netlink/connection.ts'
import { decodeElements } from './element.ts'
import { type Elements, elementsMessage } from './elements.ts'
import { headerOf } from './family.ts'
import { ELEMENTS } from './message-type.ts'
import { readUntilWhole } from './read-until-whole.ts'
import type { NftSet } from './set.ts'

/** The kernel counts its way through a hash table, which grows while it does: what comes twice comes in the place of another. */
export function readElements(connection: Connection, set: NftSet): Elements {
  const { family, table, name } = set
  const operation = `list elements of ${family} ${table} ${name}`
  const asked = { ...headerOf(family), attributes: { table, set: name } }
  return readUntilWhole(operation, () => {
    const messages = connection.dump(operation, ELEMENTS.get, elementsMessage, asked)
    const found = messages.flatMap(({ attributes }) => attributes.elements ?? [])
    const distinct = new Set(found.map(({ key, flags }) => `${flags ?? 0} ${key?.value}`))
    return distinct.size === found.length ? { kind: 'elements', set, elements: decodeElements(set, found) } : undefined
  })
}

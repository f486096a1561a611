// nft(8) add element · linux/netfilter/nf_tables.h, enum nft_set_elem_list_attributes
import { list, nested, type ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, text } from '../netlink/scalar.ts'
import { type Element, elementAttributes, encodeElement } from './element.ts'
import { headerOf } from './family.ts'
import type { NftSet } from './set.ts'

export const elementsMessage = body(nfgenmsg, {
  table: [1, text],
  set: [2, text],
  elements: [3, nested(list(nested(elementAttributes), { isNumbered: true }))],
  setId: [4, be32],
})

type ElementsMessage = ValueOf<typeof elementsMessage>
type Encoded = ReturnType<typeof encodeElement>

/** Elements that come into a set, or leave it. */
export interface Elements {
  readonly kind: 'elements'
  readonly set: NftSet
  readonly elements: readonly Element[]
}

// An attribute, such as a list of elements, takes up to 65,535 bytes.
const LIST_LIMIT = 60_000
// The headers of all that an element may consist of, each part rounded up.
const HEADERS = 80

/** As many messages as the elements need. */
export const encodeElements = ({ set, elements }: Elements): ElementsMessage[] =>
  chunks(elements.map(element => encodeElement(set, element))).map(chunk => message(set, chunk))

/** The same, each element in a message of its own. */
export const encodeElementsApart = ({ set, elements }: Elements): ElementsMessage[] =>
  elements.map(element => message(set, encodeElement(set, element)))

/** What must be known of elements to delete them. */
export const nameElements = ({ elements, ...rest }: Elements): Elements => ({
  ...rest,
  elements: elements.map(({ key }) => ({ key })),
})

/** A set without elements means all of them. */
export const everyElement = ({ family, table, name }: NftSet): ElementsMessage => ({
  ...headerOf(family),
  attributes: { set: name, table },
})

const message = ({ family, table, name }: NftSet, elements: Encoded): ElementsMessage => ({
  ...headerOf(family),
  attributes: { table, set: name, elements },
})

function chunks(encoded: readonly Encoded[]): Encoded[] {
  const all: Encoded[] = []
  let size = LIST_LIMIT
  for (const element of encoded) {
    const more = element.reduce((sum, part) => sum + sizeOf(part), 0)
    size += more
    if (size > LIST_LIMIT) {
      all.push([])
      size = more
    }
    all.at(-1)?.push(...element)
  }
  return all
}

const sizeOf = ({ key, keyEnd, value, userData }: Encoded[number]): number =>
  HEADERS +
  (key?.value?.length ?? 0) +
  (keyEnd?.value?.length ?? 0) +
  (value?.value?.length ?? 0) +
  Buffer.byteLength(value?.verdict?.chain ?? '') +
  (userData?.length ?? 0)

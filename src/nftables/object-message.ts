// Every kind of object as the messages about it: whole, to add it, or by its name alone, to delete it.
import type { Codec } from '../netlink/codec.ts'
import { type Chain, chainMessage, encodeChain, nameChain } from './chain.ts'
import { type Counter, encodeCounter, nameCounter, objectMessage } from './counter.ts'
import { type Elements, elementsMessage, encodeElements, encodeElementsApart, nameElements } from './elements.ts'
import { CHAIN, ELEMENTS, type MessageTypes, OBJECT, RULE, SET, TABLE } from './message-type.ts'
import { encodeRule, nameRule, type Rule, ruleMessage } from './rule.ts'
import { encodeSet, type NftSet, nameSet, setMessage } from './set.ts'
import { encodeTable, nameTable, type Table, tableMessage } from './table.ts'

export type NftObject = Table | Chain | Rule | NftSet | Elements | Counter

export interface ObjectMessages {
  readonly title: string
  readonly types: MessageTypes
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own; the functions below tie it to its values.
  readonly codec: Codec<any>
  /** `id` tells the new sets of a batch apart. */
  whole(id: number): readonly unknown[]
  named(): readonly unknown[]
  /** Where each part that may be missing needs a message of its own. */
  namedApart?(): readonly unknown[]
}

export function messagesOf(object: NftObject): ObjectMessages {
  switch (object.kind) {
    case 'table':
      return {
        title: `table ${object.family} ${object.name}`,
        ...about(
          TABLE,
          tableMessage,
          () => encodeTable(object),
          () => nameTable(object),
        ),
      }
    case 'chain':
      return {
        title: titleIn(object),
        ...about(
          CHAIN,
          chainMessage,
          () => encodeChain(object),
          () => nameChain(object),
        ),
      }
    case 'set':
      return {
        title: titleIn(object),
        ...about(
          SET,
          setMessage,
          id => encodeSet(object, id),
          () => nameSet(object),
        ),
      }
    case 'counter':
      return {
        title: titleIn(object),
        ...about(
          OBJECT,
          objectMessage,
          () => encodeCounter(object),
          () => nameCounter(object),
        ),
      }
    case 'rule':
      return {
        title: `rule of ${object.family} ${object.table} ${object.chain}`,
        ...about(
          RULE,
          ruleMessage,
          () => encodeRule(object),
          () => nameRule(object),
        ),
      }
    case 'elements':
      return {
        title: `elements of ${object.set.family} ${object.set.table} ${object.set.name}`,
        types: ELEMENTS,
        codec: elementsMessage,
        whole: () => encodeElements(object),
        named: () => encodeElements(nameElements(object)),
        namedApart: () => encodeElementsApart(nameElements(object)),
      }
  }
}

const titleIn = ({ kind, family, table, name }: Chain | NftSet | Counter): string =>
  `${kind} ${family} ${table} ${name}`

const about = <T>(types: MessageTypes, codec: Codec<T>, whole: (id: number) => T, name: () => T) => ({
  types,
  codec,
  whole: (id: number) => [whole(id)],
  named: () => [name()],
})

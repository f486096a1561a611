// One change of a transaction, a verb and an object, and the requests that ask for it.
import type { Request } from '../netlink/batch.ts'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/connection.ts'
import type { Chain } from './chain.ts'
import type { Counter } from './counter.ts'
import { type Elements, elementsMessage, everyElement } from './elements.ts'
import { ELEMENTS, RULE } from './message-type.ts'
import { messagesOf } from './object-message.ts'
import { everyRule, type Rule, ruleMessage } from './rule.ts'
import type { NftSet } from './set.ts'
import type { Table } from './table.ts'

/**
 * add: unless it is there · create: it must not be there · delete: it must be there · destroy: if it is there ·
 * flush: what is in it · insert: a rule before others · replace: a rule by its handle
 */
export type Change =
  | readonly ['add' | 'create' | 'delete' | 'destroy', Table | Chain | NftSet | Elements | Counter]
  | readonly ['add' | 'insert' | 'replace' | 'delete' | 'destroy', Rule]
  | readonly ['flush', Table | Chain | NftSet]

export interface ChangeRequest extends Request {
  /** What it deletes may be missing. */
  readonly isDestroy: boolean
}

const NLM_F_APPEND = 0x800

/** `id` tells the new sets of a batch apart. Before Linux 6.3 there is no destroy, and a delete takes its place. */
export function requestsOf(change: Change, id: number, hasDestroy = true): ChangeRequest[] {
  const [verb, object] = change
  if (verb === 'flush') return [flush(object)]
  const { title, types, codec, whole, named, namedApart = named } = messagesOf(object)
  const requests = (type: number, flags: number, values: readonly unknown[]): ChangeRequest[] =>
    values.map(value => ({ operation: `${verb} ${title}`, type, flags, codec, value, isDestroy: verb === 'destroy' }))
  // A table is made unless it is forbidden, without being told to.
  const create = object.kind === 'table' ? 0 : NLM_F_CREATE
  switch (verb) {
    case 'add':
      return requests(types.add, create | (object.kind === 'rule' ? NLM_F_APPEND : 0), whole(id))
    case 'create':
      return requests(types.add, create | NLM_F_EXCL, whole(id))
    case 'insert':
      return requests(types.add, NLM_F_CREATE, whole(id))
    case 'replace':
      return requests(types.add, NLM_F_REPLACE, whole(id))
    case 'delete':
      return requests(types.delete, 0, named())
    case 'destroy':
      return hasDestroy ? requests(types.destroy, 0, named()) : requests(types.delete, 0, namedApart())
  }
}

function flush(object: Table | Chain | NftSet): ChangeRequest {
  const operation = `flush ${messagesOf(object).title}`
  const rest = { operation, flags: 0, isDestroy: false }
  return object.kind === 'set'
    ? { ...rest, type: ELEMENTS.delete, codec: elementsMessage, value: everyElement(object) }
    : { ...rest, type: RULE.delete, codec: ruleMessage, value: everyRule(object) }
}

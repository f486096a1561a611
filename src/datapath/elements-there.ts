// What is in the node's sets and maps, for who decides on it: a few keys are looked up one by one; for many, all is read once.
import type { Connection } from '../netlink/connection.ts'
import { encodeKey, type Key } from '../nftables/concatenation.ts'
import type { Element } from '../nftables/element.ts'
import { findElement } from '../nftables/find-element.ts'
import { readElements } from '../nftables/read-elements.ts'
import type { NftSet } from '../nftables/set.ts'
import { hasCode } from '../problem.ts'
import type { HostPort } from './pod-rules.ts'

// A look-up costs as much as reading some dozens of elements.
const FEW = 16

export class ElementsThere {
  readonly #connection: Connection
  readonly #isFew: boolean
  readonly #all = new Map<NftSet, readonly Element[]>()
  readonly #byKey = new Map<NftSet, ReadonlyMap<string, Element>>()
  readonly #byPort = new Map<NftSet, ReadonlyMap<string, readonly Element[]>>()

  /** For as long as one decision takes. */
  constructor(connection: Connection, questions: number) {
    this.#connection = connection
    this.#isFew = questions <= FEW
  }

  find(set: NftSet, key: Key): Element | undefined {
    if (this.#isFew) return findElement(this.#connection, set, key)
    const textOf = (key: Key) => Buffer.from(encodeKey(set.key, key)).toString('hex')
    const byKey = remembered(
      this.#byKey,
      set,
      () => new Map(this.#elementsOf(set).map(item => [textOf(item.key), item])),
    )
    return byKey.get(textOf(key))
  }

  /** Those of one protocol and port, of whatever address. */
  ofPort(set: NftSet, { protocol, hostPort }: HostPort): readonly Element[] {
    const byPort = remembered(this.#byPort, set, () =>
      Map.groupBy(this.#elementsOf(set), ({ key }) => `${key.at(-2)} ${key.at(-1)}`),
    )
    return byPort.get(`${protocol} ${hostPort}`) ?? []
  }

  #elementsOf(set: NftSet): readonly Element[] {
    return remembered(this.#all, set, () => {
      try {
        return readElements(this.#connection, set).elements
      } catch (error) {
        // The table is gone.
        if (hasCode(error, 'ENOENT')) return []
        throw error
      }
    })
  }
}

function remembered<T>(known: Map<NftSet, T>, set: NftSet, read: () => T): T {
  const found = known.get(set) ?? read()
  known.set(set, found)
  return found
}

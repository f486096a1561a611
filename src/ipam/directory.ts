// The directory that holds a network's reservations, laid out as host-local lays it out: one file per address, named for it, saying whose it is.
import { existsSync, linkSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { type Address, addressFrom, formatAddress } from '../ip/address.ts'
import { hasCode } from '../problem.ts'
import { formatOwner, type Owner, parseOwner } from './owner.ts'

/** A reservation file under the name that it has, which need not be the canonical one. */
export interface Entry {
  readonly name: string
  readonly address: Address
}

export class Directory {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  at(name: string): string {
    return `${this.path}/${name}`
  }

  exists(): boolean {
    return existsSync(this.path)
  }

  read(name: string): string | undefined {
    try {
      return readFileSync(this.at(name), 'utf8')
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined
      throw error
    }
  }

  remove(name: string): void {
    try {
      unlinkSync(this.at(name))
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error
    }
  }

  /** Every reservation, by the names alone. */
  entries(): Entry[] {
    return this.#names().flatMap(name => {
      const address = /^[\da-f:]/i.test(name) ? addressFrom(name) : undefined
      return address === undefined ? [] : [{ name, address }]
    })
  }

  /** Whom the file names; undefined where there is no file. A file that names nobody has no owner. */
  reservation(name: string): { readonly owner: Owner | undefined } | undefined {
    const text = this.read(name)
    return text === undefined ? undefined : { owner: parseOwner(text) }
  }

  /** What a SIGKILL left of a reservation in the making; under the lock nobody else is making one. */
  removeLeftover(): void {
    if (this.hasLeftover()) this.remove(inTheMaking)
  }

  hasLeftover(): boolean {
    return existsSync(this.at(inTheMaking))
  }

  /** Takes all of these, or none: then the one that somebody has is returned. A reservation appears whole, by link(2). */
  take(owner: Owner, addresses: readonly Address[]): Address | undefined {
    const taken: string[] = []
    try {
      writeFileSync(this.at(inTheMaking), formatOwner(owner), { flag: 'wx', mode: 0o600 })
      for (const address of addresses) {
        const name = formatAddress(address)
        if (!this.#link(name)) {
          this.discard(taken)
          return address
        }
        taken.push(name)
      }
      return undefined
    } catch (error) {
      this.discard(taken)
      throw error
    } finally {
      this.discard([inTheMaking])
    }
  }

  /** Removes what was just made, as far as that goes: the error that led here is the one to tell. */
  discard(names: readonly string[]): void {
    for (const name of names) {
      try {
        this.remove(name)
      } catch {}
    }
  }

  #link(name: string): boolean {
    try {
      linkSync(this.at(inTheMaking), this.at(name))
      return true
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
      return false
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.path)
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
      throw error
    }
  }
}

const inTheMaking = '.new'

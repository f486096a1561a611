// Gives addresses back. Under the lock. What is gone already is no failure.
import { type Address, formatAddress } from '../ip/address.ts'
import type { Directory, Entry } from './directory.ts'
import { readIndex, writeIndex } from './index-file.ts'
import { isOwnedBy, type Owner } from './owner.ts'

/** Frees these where their file names this owner or nobody. Does not look at any other. */
export function release(directory: Directory, owner: Owner, addresses: readonly Address[]): void {
  const entries = addresses.map(address => ({ name: formatAddress(address), address }))
  const own = entries.filter(({ name }) => {
    const found = directory.reservation(name)
    return found !== undefined && (found.owner === undefined || isOwnedBy(found.owner, owner))
  })
  free(directory, own)
}

/** Frees all that names this owner. As in the reference, files that name the container alone count only where there are no others. */
export function releaseAll(directory: Directory, owner: Owner): readonly Address[] {
  const entries = directory.entries().flatMap(entry => {
    const named = directory.reservation(entry.name)?.owner
    return named !== undefined && isOwnedBy(named, owner) ? [{ ...entry, isExact: named.interfaceName !== '' }] : []
  })
  const exact = entries.filter(({ isExact }) => isExact)
  const own = exact.length > 0 ? exact : entries
  free(directory, own)
  return own.map(({ address }) => address)
}

export function free(directory: Directory, entries: readonly Entry[]): void {
  const occupancy = readIndex(directory.path)
  const freed: Address[] = []
  directory.removeLeftover()
  try {
    for (const { name, address } of entries) {
      directory.remove(name)
      freed.push(address)
    }
  } finally {
    for (const address of freed) occupancy?.set(address, false)
    if (occupancy !== undefined && freed.length > 0) writeIndex(directory.path, occupancy, freed)
  }
}

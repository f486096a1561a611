// Takes one address of each range set for an owner: all of them, or none. Under the lock.
import { writeFileSync } from 'node:fs'
import { type Address, addressFrom, formatAddress, isSame } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import type { Directory } from './directory.ts'
import { writeIndex } from './index-file.ts'
import { isOwnedBy, type Owner } from './owner.ts'
import type { Reservation } from './pool.ts'
import { formatRangeSet, type RangeSet } from './range-set.ts'
import { rangeOf, requestedOf } from './requested.ts'
import { roundRobin } from './round-robin.ts'
import { usageOf } from './usage.ts'
import { believedView, readView, type View } from './view.ts'

export interface Wish {
  readonly owner: Owner
  readonly requested: readonly Address[]
  readonly held: readonly Address[]
  readonly intend: (addresses: readonly Address[]) => void
}

export function allocate(directory: Directory, sets: readonly RangeSet[], wish: Wish): readonly Reservation[] {
  const requested = requestedOf(sets, wish.requested)
  refuseSecond(directory, sets, wish)
  directory.removeLeftover()
  const refused = new Set<string>()
  let view = believedView(directory, sets) ?? readView(directory, sets)
  for (;;) {
    const chosen = sets.map((set, i) => reservation(set, requested[i] ?? firstFree(directory, view, set, i, refused)))
    const full = chosen.indexOf(undefined)
    if (full >= 0 && view.isRead) throw exhausted(view, sets[full] ?? [], full)
    if (full < 0) {
      const addresses = chosen.flatMap(choice => choice?.address ?? [])
      wish.intend(addresses)
      const inTheWay = directory.take(wish.owner, addresses)
      if (inTheWay === undefined) {
        remember(directory, addresses)
        for (const address of addresses) view.occupancy.set(address, true)
        writeIndex(directory.path, view.occupancy, view.isRead ? undefined : addresses)
        return chosen.flatMap(choice => choice ?? [])
      }
      if (requested.some(address => address && isSame(address, inTheWay))) throw taken(directory, sets, inTheWay, wish)
      refused.add(formatAddress(inTheWay))
    }
    // What was believed is wrong, or does not reach that far. From here on what the directory says counts.
    if (!view.isRead) view = readView(directory, sets)
  }
}

function firstFree(directory: Directory, view: View, set: RangeSet, index: number, refused: ReadonlySet<string>) {
  const last = addressFrom(directory.read(lastReserved(index))?.trim() ?? '')
  for (const run of roundRobin(set, last))
    for (const address of view.occupancy.free(run))
      if (!isSame(address, run.gateway) && !refused.has(formatAddress(address))) return address
  return undefined
}

function reservation(set: RangeSet, address: Address | undefined): Reservation | undefined {
  const range = address && rangeOf(set, address)
  return address && range && { address, subnet: range.subnet, gateway: range.gateway }
}

/** The reference keeps round robin going by these files, so do we; that they cannot be written undoes the whole. */
function remember(directory: Directory, addresses: readonly Address[]): void {
  try {
    addresses.forEach((address, i) => {
      writeFileSync(directory.at(lastReserved(i)), formatAddress(address), { mode: 0o600 })
    })
  } catch (error) {
    directory.discard(addresses.map(formatAddress))
    throw error
  }
}

const lastReserved = (index: number): string => `last_reserved_ip.${index}`

/** The protocol allows an attachment no second address of the same set. */
function refuseSecond(directory: Directory, sets: readonly RangeSet[], { owner, held }: Wish): void {
  for (const address of held) {
    const named = directory.reservation(formatAddress(address))?.owner
    const index = sets.findIndex(set => rangeOf(set, address) !== undefined)
    if (named !== undefined && isOwnedBy(named, owner) && index >= 0) throw duplicate(index, address, owner)
  }
}

function taken(directory: Directory, sets: readonly RangeSet[], address: Address, { owner }: Wish): Problem {
  const index = sets.findIndex(set => rangeOf(set, address) !== undefined)
  const named = directory.reservation(formatAddress(address))?.owner
  if (named !== undefined && isOwnedBy(named, owner)) return duplicate(index, address, owner)
  const where = `is not available in range set ${formatRangeSet(sets[index] ?? [])}`
  const whose = named === undefined ? 'it is reserved' : `${named.containerId} ${named.interfaceName} has it`
  return new Problem(
    'ADDRESS_TAKEN',
    `failed to allocate for range ${index}: requested IP address ${formatAddress(address)} ${where}: ${whose}; request another, or delete that container first`,
  )
}

function duplicate(index: number, address: Address, { containerId }: Owner): Problem {
  const what = `${formatAddress(address)} has been allocated to ${containerId}, duplicate allocation is not allowed`
  return new Problem('ADDRESS_TAKEN', `failed to allocate for range ${index}: ${what}; DEL it first`)
}

function exhausted(view: View, set: RangeSet, index: number): Problem {
  const { used, free } = usageOf(view.occupancy, set)
  const what = `no IP addresses available in range set: ${formatRangeSet(set)} (${used} used, ${free} free)`
  const way = 'delete containers, or give the network another range'
  return new Problem('RANGE_EXHAUSTED', `failed to allocate for range ${index}: ${what}; ${way}`)
}

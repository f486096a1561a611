// Takes back what dead pods have left. Each under the lock that an ADD of the same attachment must take before it makes anything, and only
// if it still is what it was when it was judged.
import { heldBy } from '../cni/others.ts'
import type { Datapath } from '../datapath/datapath.ts'
import { namePrefix } from '../datapath/interface-name.ts'
import { addressFrom, parseAddress } from '../ip/address.ts'
import { Directory } from '../ipam/directory.ts'
import { withLock } from '../ipam/lock.ts'
import { free, release } from '../ipam/release.ts'
import { Problem } from '../problem.ts'
import { Records } from '../records/records.ts'
import { Ages } from './ages.ts'
import {
  findGarbage,
  type Judged,
  type LeftoverEvidence,
  type RecordEvidence,
  type ReservationEvidence,
} from './garbage.ts'
import {
  garbageEvidence,
  networkOf,
  ownerName,
  type Places,
  poolDirectories,
  poolDirectory,
  recordStamp,
  recordsDirectory,
  stampOf,
} from './garbage-evidence.ts'
import type { Reclaimed } from './metrics.ts'

export interface Reclaim {
  readonly kind: Reclaimed
  /** The address, or the host end's name. */
  readonly what: string
  /** The pod, or the container where no record says more. */
  readonly whose: string
  readonly why: string
}

export interface Collected {
  readonly reclaimed: readonly Reclaim[]
  /** What has lost its interface and may live: a sentence each. */
  readonly kept: readonly string[]
  readonly problems: readonly Problem[]
}

export interface CollectionOptions {
  readonly graceMs?: number
  readonly lockTimeoutMs?: number
  /** Those of the last time, and for the next. */
  readonly ages?: Ages
}

// With the time between two looks, taken twice, it makes less than two minutes.
const GRACE_MS = 50_000
const LOCK_TIMEOUT_MS = 5000

export async function collectGarbage(
  places: Places,
  datapath: Datapath,
  { graceMs = GRACE_MS, lockTimeoutMs = LOCK_TIMEOUT_MS, ages = new Ages() }: CollectionOptions = {},
): Promise<Collected> {
  const evidence = garbageEvidence(places, datapath, ages)
  ages.endLook()
  const garbage = findGarbage(evidence, graceMs)
  const taking = new Taking(places, datapath, lockTimeoutMs)
  const pools = new Map(poolDirectories(places).map(path => [namePrefix(networkOf(path)), path]))
  const poolOf = (name: string): string | undefined => pools.get(name.slice(0, namePrefix('').length))
  for (const record of garbage.records) await taking.record(record, poolOf(record.of.name))
  for (const reservation of garbage.reservations) await taking.reservation(reservation)
  for (const leftover of garbage.leftovers) await taking.leftover(leftover, poolOf(leftover.of.name))
  return { reclaimed: taking.reclaimed, problems: taking.problems, kept: garbage.kept.map(keptText) }
}

class Taking {
  readonly reclaimed: Reclaim[] = []
  readonly problems: Problem[] = []
  readonly #places: Places
  readonly #datapath: Datapath
  readonly #records: Records
  readonly #lockTimeoutMs: number

  constructor(places: Places, datapath: Datapath, lockTimeoutMs: number) {
    this.#places = places
    this.#datapath = datapath
    this.#records = new Records(recordsDirectory(places))
    this.#lockTimeoutMs = lockTimeoutMs
  }

  /** As DEL does: the link with all that hangs on it, the addresses, the record last. Half a record says nothing of its pool: `pool` is its network's. */
  async record(
    { of: { name, attachment, stamp }, why }: Judged<RecordEvidence>,
    pool: string | undefined,
  ): Promise<void> {
    const { network = '', dataDir, addresses = [] } = attachment ?? {}
    const directory = dataDir === undefined ? undefined : poolDirectory(dataDir, network)
    const whose = ownerText(attachment)
    await this.#attempt(`what ${whose} had`, attachment === undefined ? pool : directory, () => {
      if (recordStamp(this.#places, name) !== stamp || this.#datapath.hasHostInterface(name)) return
      if (attachment === undefined || attachment.hostInterface !== undefined)
        this.#datapath.disconnect(name, heldBy(attachment))
      if (directory !== undefined && attachment !== undefined)
        this.#release(directory, attachment, addresses, whose, why)
      this.#records.remove(name)
      this.reclaimed.push({ kind: 'record', what: name, whose, why })
    })
  }

  async reservation({ of, why }: Judged<ReservationEvidence>): Promise<void> {
    const { directory: path, fileName, address, owner, stamp } = of
    await this.#attempt(`the reservation of ${address}`, path, () => {
      const directory = new Directory(path)
      const name = owner && ownerName(path, owner)
      if (name !== undefined && this.#isClaimed(name)) return
      if (stampOf(directory.at(fileName)) !== stamp) return
      free(directory, [{ name: fileName, address: parseAddress(address) }])
      this.reclaimed.push({ kind: 'address', what: address, whose: ownerText(owner), why })
    })
  }

  /** `directory`: the pool of its network, where that is known. */
  async leftover({ of: { name, kind }, why }: Judged<LeftoverEvidence>, directory: string | undefined): Promise<void> {
    await this.#attempt(`what is left of ${name}`, directory, () => {
      if (this.#isClaimed(name)) return
      this.#datapath.disconnect(name, undefined)
      this.reclaimed.push({ kind, what: name, whose: 'nobody known', why })
    })
  }

  #isClaimed(name: string): boolean {
    return recordStamp(this.#places, name) !== undefined || this.#datapath.hasHostInterface(name)
  }

  #release(path: string, owner: Owner, addresses: readonly string[], whose: string, why: string): void {
    const directory = new Directory(path)
    const held = addresses.filter(address => directory.reservation(address) !== undefined)
    release(
      directory,
      owner,
      addresses.flatMap(text => addressFrom(text) ?? []),
    )
    for (const what of held.filter(address => directory.reservation(address) === undefined))
      this.reclaimed.push({ kind: 'address', what, whose, why })
  }

  async #attempt(what: string, directory: string | undefined, work: () => void): Promise<void> {
    try {
      if (directory === undefined) work()
      else await withLock(directory, this.#lockTimeoutMs, work)
    } catch (error) {
      const reason = error instanceof Error ? error.message : error
      this.problems.push(
        new Problem('LEFT_BEHIND', `cannot take back ${what}: ${reason}`, 'Tried again at the next pass.', error),
      )
    }
  }
}

interface Owner {
  readonly containerId: string
  readonly interfaceName: string
  readonly pod?: string
}

function ownerText(owner: Owner | undefined): string {
  if (owner === undefined) return 'nobody known'
  const { pod, containerId, interfaceName } = owner
  return pod === undefined ? `the container ${containerId}, ${interfaceName}` : `the pod ${pod}`
}

function keptText({ of: { name, attachment }, why }: Judged<RecordEvidence>): string {
  const addresses = attachment?.addresses.join(', ') || 'no address'
  return `${ownerText(attachment)} lost its interface ${name}, and keeps ${addresses}: ${why}`
}

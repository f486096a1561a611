// What dead pods have left on the node, told from what there is to see. Whatever may be of a pod that lives is not among it.
import type { Attachment } from '../records/attachment.ts'

/** Whether a path leads to a network namespace; out of sight is what this process may be too confined to see. */
export type Sight = 'there' | 'gone' | 'out of sight'

export interface RecordEvidence {
  /** The host end's. */
  readonly name: string
  /** Undefined where SIGKILL left half of it. */
  readonly attachment: Attachment | undefined
  /** Another one with every writing. */
  readonly stamp: string
  /** As we have seen it: clocks are set. */
  readonly ageMs: number
  readonly hasHostInterface: boolean
  readonly namespace: Sight
}

/** A reservation that no record names. */
export interface ReservationEvidence {
  readonly directory: string
  readonly fileName: string
  readonly address: string
  /** Undefined where the file names nobody. */
  readonly owner: { readonly containerId: string; readonly interfaceName: string } | undefined
  readonly stamp: string
  readonly ageMs: number
  /** Of its owner. */
  readonly hasHostInterface: boolean
  readonly hasRecord: boolean
}

/** What bears the name of a host end. */
export interface LeftoverEvidence {
  readonly name: string
  readonly kind: 'link' | 'rule'
  readonly hasHostInterface: boolean
  readonly hasRecord: boolean
}

export interface Evidence {
  readonly records: readonly RecordEvidence[]
  readonly reservations: readonly ReservationEvidence[]
  readonly leftovers: readonly LeftoverEvidence[]
  /** The addresses that any namespace or route shows; asked only where something looks dead. */
  readonly liveAddresses: () => ReadonlySet<string>
}

export interface Judged<T> {
  readonly of: T
  readonly why: string
}

export interface Garbage {
  readonly records: readonly Judged<RecordEvidence>[]
  readonly reservations: readonly Judged<ReservationEvidence>[]
  readonly leftovers: readonly Judged<LeftoverEvidence>[]
  /** What has lost its interface and may live all the same. */
  readonly kept: readonly Judged<RecordEvidence>[]
}

/** Seen for less than `graceMs`, it may be in the making: an ADD writes its record before it makes the link. */
export function findGarbage(evidence: Evidence, graceMs: number): Garbage {
  const fates = evidence.records.map(record => ({ of: record, ...fateOf(record, evidence, graceMs) }))
  return {
    records: fates.filter(({ fate }) => fate === 'dead'),
    kept: fates.filter(({ fate }) => fate === 'kept'),
    reservations: evidence.reservations
      .filter(item => isForsaken(item) && item.ageMs >= graceMs && !evidence.liveAddresses().has(item.address))
      .map(of => ({ of, why: 'no record, no interface, no namespace and no route shows it in use' })),
    leftovers: evidence.leftovers
      .filter(isForsaken)
      .map(of => ({ of, why: 'neither the interface that it is named for nor a record of it is there' })),
  }
}

interface Fate {
  readonly fate: 'alive' | 'young' | 'kept' | 'dead'
  readonly why: string
}

/** A veth goes with its namespace: where its host end is, the pod is. */
function fateOf(record: RecordEvidence, evidence: Evidence, graceMs: number): Fate {
  const { attachment, hasHostInterface, namespace } = record
  if (hasHostInterface) return { fate: 'alive', why: 'its interface is there' }
  if (record.ageMs < graceMs) return { fate: 'young', why: 'it may be in the making' }
  if (attachment === undefined) return { fate: 'dead', why: 'its record was never finished, and it has no interface' }
  const { netns, hostInterface, addresses } = attachment
  // Its interface was another plugin's to make.
  if (namespace === 'there' && hostInterface === undefined) return { fate: 'alive', why: `${netns} is there` }
  if (namespace !== 'gone') return { fate: 'kept', why: `its namespace ${netns} is ${namespace}` }
  const used = addresses.find(address => evidence.liveAddresses().has(address))
  if (used !== undefined) return { fate: 'kept', why: `the node still shows ${used} in use` }
  return { fate: 'dead', why: `its namespace ${netns} is gone, and so is its interface` }
}

const isForsaken = (item: { readonly hasHostInterface: boolean; readonly hasRecord: boolean }): boolean =>
  !item.hasHostInterface && !item.hasRecord

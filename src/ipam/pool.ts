// The addresses of one network on this node: who has which.
import type { Address } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { Owner } from './owner.ts'
import type { RangeSet } from './range-set.ts'

export interface Reservation {
  readonly address: Address
  readonly subnet: Prefix
  readonly gateway: Address
}

/** What one owner gave back; no owner where the files named nobody. */
export interface Released {
  readonly owner: Owner | undefined
  readonly addresses: readonly Address[]
}

export interface Usage {
  readonly set: RangeSet
  readonly size: bigint
  readonly used: number
  readonly free: bigint
}

export interface PoolOptions {
  readonly dataDir: string
  readonly network: string
  /** May be empty where nothing is allocated: what is reserved is found without them. */
  readonly sets: readonly RangeSet[]
  /** Where the token lives that is gone after a reboot: /run/podwire. */
  readonly runDir: string
  readonly lockTimeoutMs?: number
  /** The addresses, as text, that the kernel shows in use. Asked only after a reboot. */
  readonly liveAddresses: () => ReadonlySet<string>
}

export interface Pool {
  /**
   * One address of each range set, in order; all of them or none. `intend` is told which before any is taken, and again
   * when another program was faster. `held` is what the owner's record says that it has: another of the same set is refused.
   */
  allocate(
    owner: Owner,
    requested: readonly Address[],
    intend: (addresses: readonly Address[]) => void,
    held?: readonly Address[],
  ): Promise<readonly Reservation[]>
  /** Gives back these addresses where their file still says this owner, or names nobody. */
  release(owner: Owner, addresses: readonly Address[]): Promise<void>
  /** Gives back everything that files say this owner has. Reads the whole directory: for owners without a record. */
  releaseAll(owner: Owner): Promise<readonly Address[]>
  /** Whether this owner has this address, or any. */
  holds(owner: Owner, address?: Address): boolean
  /**
   * Frees what belongs to none of `valid` (`<container id> <interface name>`). `mayRelease` is asked before, per owner;
   * false keeps its addresses. What failed is told as one problem at the end.
   */
  collect(
    valid: ReadonlySet<string>,
    mayRelease: (released: Released) => boolean | Promise<boolean>,
  ): Promise<readonly Released[]>
  /** How full each range set is. */
  usage(): Promise<readonly Usage[]>
}

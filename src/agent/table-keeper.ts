// Keeps the node's table whole, and its exceptions those that the cluster needs: at each pass, and at once when somebody flushed it.
import type { ClusterNode } from '../cluster/node.ts'
import { otherPods } from '../cni/others.ts'
import type { OtherPods } from '../datapath/claim.ts'
import type { Datapath } from '../datapath/datapath.ts'
import { exceptionDifferences, readExceptions } from '../datapath/exceptions.ts'
import { missingElements } from '../datapath/missing-elements.ts'
import { within } from '../datapath/node-table.ts'
import { forgetUntranslated } from '../datapath/stale-flows.ts'
import { tableDifferences } from '../datapath/table-differences.ts'
import { tableState, wholeTable } from '../datapath/whole-table.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import type { Notifications } from '../netlink/notifications.ts'
import { Wakeup } from '../netlink/wakeup.ts'
import type { Change } from '../nftables/change.ts'
import { decideAndCommit } from '../nftables/decide-and-commit.ts'
import { readTable } from '../nftables/ruleset.ts'
import { Problem } from '../problem.ts'
import type { Attachment } from '../records/attachment.ts'
import type { Records } from '../records/records.ts'
import type { Duty } from './agent.ts'
import { hasTableNews, NFTABLES_GROUPS, openTableEvents } from './table-events.ts'
import { DesiredExceptions } from './table-exceptions.ts'

export interface TableOptions {
  readonly records: Records
  readonly datapath: Datapath
  /** Absent: pods keep their address everywhere, but those of other networks whose records say more. */
  readonly masquerade?:
    | {
        /** The cluster's pod networks; where there are none, the podCIDRs of all nodes are gathered. */
        readonly cluster: readonly Prefix[]
        /** What else pods keep their address to. */
        readonly except: readonly Prefix[]
      }
    | undefined
  /** Why the table was made anew. Not for the first, on a node without pods. */
  readonly onRestore?: (why: string) => void
}

/** Of a pass's plan. */
interface Membership {
  readonly members: readonly ClusterNode[]
  readonly self: ClusterNode | undefined
}

interface Known {
  readonly damage: string | undefined
  /** What pods have lost of a table that is whole otherwise. */
  readonly missing: readonly Change[]
  readonly except: ReadonlySet<string>
  /** By the records. */
  readonly asked: readonly Prefix[]
}

// The kernel announces every change; what it may have been prevented from is looked for so often.
const BELIEVED_MS = 300_000
const PAUSE_MS = 100
const MISSING = "the node's table was missing"
const NOBODY: Membership = { members: [], self: undefined }

export class TableKeeper implements Duty, Disposable {
  readonly #options: TableOptions
  readonly #undo = new DisposableStack()
  readonly #connection: Connection
  readonly #events: Notifications
  readonly #exceptions = new DesiredExceptions()
  #membership: Membership | undefined
  #known: Known | undefined
  #isFirst = true
  #readAt = Number.NEGATIVE_INFINITY

  /** In the network namespace of the calling thread. What it made stays when it is disposed of. */
  constructor(options: TableOptions) {
    this.#options = options
    this.#connection = this.#undo.use(Connection.open(NETLINK_NETFILTER))
    this.#events = this.#undo.use(openTableEvents(this.#connection.port))
    this.#undo.use(
      new Wakeup(NETLINK_NETFILTER, NFTABLES_GROUPS, PAUSE_MS, () => this.#onKernel(), this.#connection.port),
    )
  }

  /** Before routes to new nodes appear, so that nothing that is sent to their pods is ever masqueraded. */
  prepare(membership: Membership): readonly Problem[] {
    this.#membership = membership
    return this.#attempt()
  }

  keep({ plan }: { readonly plan: Membership | undefined }): readonly Problem[] {
    this.#membership = plan ?? this.#membership
    if (performance.now() - this.#readAt > BELIEVED_MS) this.#known = undefined
    return this.#attempt()
  }

  #onKernel(): void {
    this.#look()
    // What is wrong with it, the next pass finds as well, and tells.
    if (this.#known === undefined) this.#attempt()
  }

  /** Forgets what others have changed. */
  #look(): void {
    if (hasTableNews(this.#events)) this.#known = undefined
  }

  #attempt(): readonly Problem[] {
    try {
      this.#make()
      return []
    } catch (error) {
      this.#known = undefined
      if (error instanceof Problem && error.code === 'NFTABLES_MISSING') return this.#isNeeded() ? [error] : []
      const message = `the node's table cannot be kept: ${error instanceof Error ? error.message : error}`
      return [new Problem('KERNEL_REFUSED', message, 'Tried again soon.', error)]
    }
  }

  #make(): void {
    let made: Known | undefined
    decideAndCommit(this.#connection, () => {
      this.#look()
      this.#known ??= this.#read()
      const known = this.#known
      const except = this.#wanted(known)
      made = { ...known, except }
      return this.#changes(known, except)
    })
    const { damage, missing = [] } = this.#known ?? {}
    const isExpected = damage === MISSING && this.#isFirst && this.#attachments().length === 0
    this.#isFirst = false
    this.#known = made && { ...made, damage: undefined, missing: [] }
    if (damage !== undefined || missing.length > 0) forgetUntranslated(this.#connection, this.#others().all())
    if (damage !== undefined && !isExpected) this.#options.onRestore?.(damage)
  }

  #read(): Known {
    this.#readAt = performance.now()
    const asked = this.#attachments().flatMap(({ rules }) => rules?.masqueradeExcept ?? [])
    const { damage, missing } = this.#damage()
    const except = new Set(damage === undefined ? readExceptions(this.#connection) : [])
    return { damage, missing, except, asked: [...new Set(asked)].map(parsePrefix) }
  }

  /** A newer podwire's table is left to it, but for its exceptions: sets keep their names and types. */
  #damage(): Pick<Known, 'damage' | 'missing'> {
    const state = tableState(this.#connection)
    if (state === 'newer') return { damage: undefined, missing: [] }
    if (state === 'missing') return { damage: MISSING, missing: [] }
    if (state === 'older') return { damage: "the node's table was an older podwire's", missing: [] }
    if (state !== 'whole') return { damage: `the node's table was ${state}`, missing: [] }
    const found = readTable(this.#connection, within)
    return { damage: tableDifferences(found)[0], missing: missingElements(found, this.#others().all()) }
  }

  #others(): OtherPods {
    const { records, datapath } = this.#options
    return otherPods({ records, datapath }, '')
  }

  /** Before the first pass nothing is known that could be too many. */
  #wanted({ asked, except }: Known): ReadonlySet<string> {
    const { masquerade } = this.#options
    if (masquerade === undefined) return this.#exceptions.of({ cluster: [], members: [], more: asked })
    const { members, self } = this.#membership ?? NOBODY
    const there = this.#membership === undefined ? [...except].filter(isPrefix).map(parsePrefix) : []
    const more = [...(self?.podCidrs ?? []), ...masquerade.except, ...asked, ...there]
    return this.#exceptions.of({ cluster: masquerade.cluster, members, more })
  }

  #changes({ damage, missing, except }: Known, wanted: ReadonlySet<string>): readonly Change[] {
    if (damage === undefined) return [...missing, ...exceptionDifferences(except, wanted)]
    return wholeTable(this.#others(), [...wanted].map(parsePrefix))
  }

  /** By pods that run, or are being made. */
  #isNeeded(): boolean {
    return this.#attachments().some(
      ({ rules }) => rules && (rules.isAntiSpoofed || rules.masqueradeExcept !== undefined || rules.ports.length > 0),
    )
  }

  #attachments(): Attachment[] {
    return this.#options.records.list('').flatMap(([, attachment]) => attachment ?? [])
  }

  [Symbol.dispose](): void {
    this.#undo.dispose()
  }
}

const isPrefix = (text: string): boolean => !text.includes('-')

// Garbage collection beside the passes: begun by one where the last is a while ago, told of by the next.
import type { Datapath } from '../datapath/datapath.ts'
import { Problem } from '../problem.ts'
import type { Duty } from './agent.ts'
import { Ages } from './ages.ts'
import { type Collected, type CollectionOptions, collectGarbage, type Reclaim } from './garbage-collection.ts'
import type { Places } from './garbage-evidence.ts'

export interface GarbageOptions extends CollectionOptions {
  readonly places: Places
  readonly datapath: Datapath
  /** Less than the time between two passes that nothing but the clock brings. */
  readonly everyMs?: number
  readonly onReclaim: (reclaimed: readonly Reclaim[]) => void
}

const EVERY_MS = 20_000
const NOTHING: Collected = { reclaimed: [], kept: [], problems: [] }

export class GarbageDuty implements Duty {
  readonly #options: GarbageOptions
  #last = NOTHING
  #keptBefore: ReadonlySet<string> = new Set()
  #endedAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | undefined
  readonly #ages = new Ages()

  constructor(options: GarbageOptions) {
    this.#options = options
  }

  keep(): readonly Problem[] {
    const { everyMs = EVERY_MS } = this.#options
    // An ADD or DEL at work looks the same for a moment.
    const lasting = this.#last.kept.filter(text => this.#keptBefore.has(text))
    const problems = [...this.#last.problems, ...lasting.map(lostInterface)]
    if (this.#running === undefined && performance.now() - this.#endedAt >= everyMs) this.#running = this.#collect()
    return problems
  }

  /** Until no collection is under way. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #collect(): Promise<void> {
    const { places, datapath, onReclaim } = this.#options
    this.#keptBefore = new Set(this.#last.kept)
    try {
      this.#last = await collectGarbage(places, datapath, { ages: this.#ages, ...this.#options })
    } catch (error) {
      const message = `cannot look for what dead pods left: ${error instanceof Error ? error.message : error}`
      this.#last = { ...NOTHING, problems: [new Problem('LEFT_BEHIND', message, 'Tried again soon.', error)] }
    }
    this.#endedAt = performance.now()
    this.#running = undefined
    if (this.#last.reclaimed.length > 0) onReclaim(this.#last.reclaimed)
  }
}

const lostInterface = (text: string): Problem =>
  new Problem('LEFT_BEHIND', text, 'Delete the pod: whatever replaces it gets an interface.')

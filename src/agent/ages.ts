// For how long things have been there, as far as we have seen: what files say of their time is off by years where a clock was set.

export class Ages {
  readonly #now: () => number
  #before: ReadonlyMap<string, number> = new Map()
  #seen = new Map<string, number>()

  /** `now`: a clock that nobody sets. */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** In milliseconds; 0 for what is seen for the first time. */
  of(what: string): number {
    const now = this.#now()
    const since = this.#seen.get(what) ?? this.#before.get(what) ?? now
    this.#seen.set(what, since)
    return now - since
  }

  /** All was looked at: what was not asked for is gone, and new if it comes again. */
  endLook(): void {
    this.#before = this.#seen
    this.#seen = new Map()
  }
}

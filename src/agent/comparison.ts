// The difference between what should be and what is, told from what changed where nothing else can differ: the one node in thousands.
import type { Desired } from './desired.ts'
import { type Difference, difference } from './difference.ts'
import type { Observed } from './observed.ts'

type Wanted = Pick<Desired, 'routes' | 'entries' | 'touched'>

export class Comparison {
  #settled: { readonly routes: Desired['routes']; readonly observed: Observed } | undefined

  /** Its changes are to be made before the next is asked for; where some cannot be, everything is to be observed anew. */
  difference(wanted: Wanted, observed: Observed): Difference {
    const isSettled = this.isSettled(wanted, observed)
    const found = isSettled ? difference(...touchedParts(wanted, observed)) : difference(wanted, observed)
    this.#settled = found.problems.length === 0 ? { routes: wanted.routes, observed } : undefined
    return found
  }

  /** Whether these were as they should be, but for what was touched since: both sides' maps change in place. */
  isSettled({ routes }: Pick<Desired, 'routes'>, observed: Observed): boolean {
    return this.#settled?.routes === routes && this.#settled.observed === observed
  }
}

function touchedParts({ touched, ...wanted }: Wanted, observed: Observed) {
  return [
    { routes: partOf(wanted.routes, touched), entries: partOf(wanted.entries, touched) },
    { ...observed, routes: partOf(observed.routes, touched), entries: partOf(observed.entries, touched) },
  ] as const
}

function partOf<T>(all: ReadonlyMap<string, T>, keys: readonly string[]): ReadonlyMap<string, T> {
  const part = new Map<string, T>()
  for (const key of keys) {
    const value = all.get(key)
    if (value !== undefined) part.set(key, value)
  }
  return part
}

// What is taken in a directory, for some range sets: as its index believes, or as reading all its names shows.
import type { Directory } from './directory.ts'
import { keyOf, readIndex } from './index-file.ts'
import { Occupancy } from './occupancy.ts'
import type { RangeSet } from './range-set.ts'

export interface View {
  readonly occupancy: Occupancy
  readonly isRead: boolean
}

/** Undefined where the index disagrees with the directory, or is about other ranges. */
export function believedView(directory: Directory, sets: readonly RangeSet[]): View | undefined {
  const occupancy = readIndex(directory.path)
  if (occupancy === undefined) return undefined
  const indexed = occupancy.tracks.map(({ range }) => keyOf(range)).join()
  return indexed === sets.flat().map(keyOf).join() ? { occupancy, isRead: false } : undefined
}

export function readView(directory: Directory, sets: readonly RangeSet[]): View {
  const taken = directory.entries().map(({ address }) => address)
  return { occupancy: Occupancy.of(sets.flat(), taken), isRead: true }
}

// What happens to single nodes of a large cluster, one after the other, and what the kernel then does: they join, move, get other pods' addresses, leave.
import { NODES, type NodeEntry, nodeEntry } from './cluster.ts'
import { deed } from './routes.ts'
import type { Source } from './source.ts'

export interface Change {
  /** When it happened. */
  tell(): number
  /** The announcements that say it is done. */
  readonly deeds: readonly string[]
}

const made = ({ podCIDRs }: NodeEntry): string[] => podCIDRs.map(cidr => deed('made', cidr))
const gone = ({ podCIDRs }: NodeEntry): string[] => podCIDRs.map(cidr => deed('gone', cidr))

// Addresses that no other node has.
const FREE = 300

/** Of nodes by turns direct and tunnelled. */
export function* changes(source: Source, count: number): Generator<Change> {
  for (let number = NODES; number < NODES + count / 4; number++) {
    const joined = nodeEntry(number)
    // A tunnel's far end moves without its routes: there, another podCIDR is all that is seen.
    const moved = number % 2 === 0 ? nodeEntry(number, number + FREE) : nodeEntry(number, number, number + 2 * FREE)
    const renumbered = { ...moved, podCIDRs: nodeEntry(number, number, number + FREE).podCIDRs }
    const left = number % 2 === 0 ? [] : gone(joined)
    yield { tell: () => source.put(joined), deeds: made(joined) }
    yield { tell: () => source.put(moved), deeds: [...made(moved), ...left] }
    yield { tell: () => source.put(renumbered), deeds: [...made(renumbered), ...gone(moved)] }
    yield { tell: () => source.delete(renumbered.name), deeds: gone(renumbered) }
  }
}

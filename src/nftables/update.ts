// Changes decided on what is in the kernel, and made only if it still is.
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import type { Change } from './change.ts'
import { type CommitOptions, commit } from './commit.ts'
import type { Within } from './family.ts'
import { type Ruleset, readTable } from './ruleset.ts'

const TRIES = 10

/** Reads a table, and makes the changes that `decide` wants of it. Both again where somebody else was faster. */
export function update(
  connection: Connection,
  within: Within,
  decide: (found: Ruleset) => readonly Change[],
  options: CommitOptions = {},
): void {
  for (let tries = 1; ; tries++) {
    const found = readTable(connection, within)
    try {
      commit(connection, decide(found), { ...options, generation: found.generation })
      return
    } catch (error) {
      if (tries === TRIES || !hasCode(error, 'ERESTART')) throw error
    }
  }
}

// Changes decided on what is in the kernel, and made only if it still is.
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import type { Change } from './change.ts'
import { type CommitOptions, commit } from './commit.ts'
import { generation } from './generation.ts'

// Each refusal means that somebody else got on: with many at once, a call waits for its turn so.
const TRIES = 100

/** Makes the changes that `decide`, which may read what it likes, wants. Both again where somebody else was faster. */
export function decideAndCommit(
  connection: Connection,
  decide: () => readonly Change[],
  options: CommitOptions = {},
): void {
  for (let tries = 1; ; tries++) {
    const before = generation(connection)
    const changes = decide()
    try {
      commit(connection, changes, { ...options, generation: before })
      return
    } catch (error) {
      if (tries === TRIES || !hasCode(error, 'ERESTART')) throw error
    }
  }
}

// Garbage collection: frees what belongs to nobody who is known to be there.
import { Problem } from '../problem.ts'
import type { Directory, Entry } from './directory.ts'
import type { Owner } from './owner.ts'
import type { Released } from './pool.ts'
import { free } from './release.ts'

interface Stale {
  readonly owner: Owner | undefined
  readonly entries: Entry[]
}

export type MayRelease = (released: Released) => boolean | Promise<boolean>
type Locked = <T>(work: () => T) => Promise<T>

/** The lock is held for each owner alone, and not while `mayRelease` works: removing a link takes its time. */
export async function collect(
  directory: Directory,
  valid: ReadonlySet<string>,
  mayRelease: MayRelease,
  locked: Locked,
): Promise<readonly Released[]> {
  const released: Released[] = []
  const errors: unknown[] = []
  for (const { owner, entries } of await locked(() => staleOwners(directory, valid))) {
    const addresses = entries.map(({ address }) => address)
    try {
      if (!(await mayRelease({ owner, addresses }))) continue
      const still = await locked(() => {
        const still = entries.filter(({ name }) => isStill(directory, name, owner))
        free(directory, still)
        return still
      })
      released.push({ owner, addresses: still.map(({ address }) => address) })
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 0) return released
  const reasons = errors.map(error => (error instanceof Error ? error.message : String(error))).join('; ')
  const what = `${errors.length} of the stale reservations in ${directory.path} could not be freed`
  throw new Problem('LEFT_BEHIND', `${what}: ${reasons}`, '', new AggregateError(errors))
}

/** By owner, as all of one owner's addresses go together; each file that names nobody by itself. */
function staleOwners(directory: Directory, valid: ReadonlySet<string>): readonly Stale[] {
  const containers = new Set(Array.from(valid, key => key.split(' ', 1)[0]))
  const stale = new Map<string, Stale>()
  directory.removeLeftover()
  for (const entry of directory.entries()) {
    const found = directory.reservation(entry.name)
    if (found === undefined) continue
    const { owner } = found
    const key = owner === undefined ? entry.name : `${owner.containerId} ${owner.interfaceName}`
    const isValid = owner?.interfaceName === '' ? containers.has(owner.containerId) : valid.has(key)
    if (isValid && owner !== undefined) continue
    const group = stale.get(key) ?? { owner, entries: [] }
    group.entries.push(entry)
    stale.set(key, group)
  }
  return Array.from(stale.values())
}

function isStill(directory: Directory, name: string, owner: Owner | undefined): boolean {
  const found = directory.reservation(name)
  if (found === undefined) return false
  return found.owner?.containerId === owner?.containerId && found.owner?.interfaceName === owner?.interfaceName
}

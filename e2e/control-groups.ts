// The control groups of a host's pods. They outlive its namespaces, so they are removed one by one.
import { existsSync, globSync, rmdirSync } from 'node:fs'
import { basename } from 'node:path'

const prefix = 'podwire-e2e-'

export const groupOf = (hostPid: number): string => `${prefix}${hostPid}`

/** Deepest first, in each hierarchy (v1) or the one (v2); false while one is busy. */
export function removeGroups(name: string): boolean {
  const folders = globSync([`/sys/fs/cgroup/${name}/**/`, `/sys/fs/cgroup/*/${name}/**/`])
  try {
    for (const folder of folders.toSorted().toReversed()) rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** What a test that was killed left: its host's process is gone, its control groups are not. */
export function sweepGroups(): void {
  const names = globSync(`/sys/fs/cgroup/{,*/}${prefix}*`).map(path => basename(path))
  for (const name of new Set(names)) if (!existsSync(`/proc/${name.replace(prefix, '')}`)) removeGroups(name)
}

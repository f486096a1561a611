// For tests: a pool in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { openPool } from './open-pool.ts'
import type { Pool } from './pool.ts'
import { rangeSets } from './range-set.ts'

export const ranges = [[{ subnet: '10.1.0.0/22' }], [{ subnet: 'fd00::/64' }]]
export const sets = rangeSets(ranges)

export const poolAt = (root: string): Pool =>
  openPool({ dataDir: `${root}/data`, network: 'pods', sets, runDir: `${root}/run`, liveAddresses: () => new Set() })

export const reservationsAt = (root: string): string[] => namesAt(root).filter(name => /^[\da-f]+[.:]/.test(name))

export function namesAt(root: string): string[] {
  try {
    return readdirSync(`${root}/data/pods`)
  } catch {
    return []
  }
}

/** Node's arguments. What `work` can use: `pool`, `root`, `owner`, `formatAddress` and `writeFileSync`. */
export function poolProgram(root: string, containerId: string, work: string): string[] {
  const program = `
    import { writeFileSync } from 'node:fs'
    import { formatAddress } from '${import.meta.resolve('../ip/address.ts')}'
    import { poolAt } from '${import.meta.url}'
    const root = ${JSON.stringify(root)}, containerId = ${JSON.stringify(containerId)}
    const owner = { containerId, interfaceName: 'eth0' }
    const pool = poolAt(root)
    ${work}`
  return ['--no-warnings', '--input-type=module', '--eval', program]
}

export const startPool = (root: string, containerId: string, work: string): ChildProcess =>
  spawn(process.execPath, poolProgram(root, containerId, work), { stdio: ['ignore', 'pipe', 'inherit'] })

/** Allocates and releases as often as said, and keeps what a caller's record would: the addresses that were intended last. */
export const allocateAndRelease = (times: number): string => `
  const intend = addresses => writeFileSync(root + '/record', addresses.map(formatAddress).join(' '))
  for (let i = 0; i < ${times}; i++) {
    const given = await pool.allocate(owner, [], intend)
    if (i === 0) console.log('running')
    await pool.release(owner, given.map(({ address }) => address))
  }`

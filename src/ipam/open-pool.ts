// A pool on disk. Every change is made under the lock, and after what an earlier boot left has been freed.
import { closeSync, statfsSync } from 'node:fs'
import { type Address, formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import { allocate } from './allocate.ts'
import { currentBoot, isOfBoot, reclaim } from './boot.ts'
import { collect } from './collect.ts'
import { Directory } from './directory.ts'
import { explained } from './failure.ts'
import { writeIndex } from './index-file.ts'
import { openLock, withLock } from './lock.ts'
import { isOwnedBy } from './owner.ts'
import type { Pool, PoolOptions } from './pool.ts'
import { release, releaseAll } from './release.ts'
import { usageOf } from './usage.ts'
import { believedView, readView, type View } from './view.ts'

const LOCK_TIMEOUT_MS = 5000

export function openPool(options: PoolOptions): Pool {
  const { sets, runDir, liveAddresses, lockTimeoutMs = LOCK_TIMEOUT_MS } = options
  const directory = new Directory(`${options.dataDir}/${options.network}`)

  const explaining = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw explained(error, directory.path)
    }
  }
  const locked = <T>(work: () => T): Promise<T> => explaining(() => withLock(directory.path, lockTimeoutMs, work))
  const renewed = (): void => reclaim(directory, currentBoot(runDir), liveAddresses)
  /** For what must go on without: the next allocation tells what is wrong. */
  const renewedIfPossible = (): void => {
    try {
      renewed()
    } catch {}
  }

  return {
    allocate: (owner, requested, intend, held = []) =>
      locked(() => {
        renewed()
        return allocate(directory, sets, { owner, requested, intend, held })
      }),

    // A second DEL finds nothing, and needs neither the lock nor a directory that can be written.
    release: async (owner, addresses) => {
      const isAny = await explaining(() => directory.hasLeftover() || addresses.some(isReserved))
      if (!isAny) return
      await locked(() => {
        release(directory, owner, addresses)
        renewedIfPossible()
      })
    },

    releaseAll: async owner => {
      if (!(await explaining(() => directory.exists()))) return []
      return locked(() => {
        const released = releaseAll(directory, owner)
        renewedIfPossible()
        return released
      })
    },

    holds: (owner, address) => {
      try {
        const names = address === undefined ? directory.entries().map(({ name }) => name) : [formatAddress(address)]
        return names.some(name => {
          const named = directory.reservation(name)?.owner
          return named !== undefined && isOwnedBy(named, owner)
        })
      } catch (error) {
        throw explained(error, directory.path)
      }
    },

    collect: async (valid, mayRelease) => {
      if (!(await explaining(() => directory.exists()))) return []
      await locked(renewed)
      return collect(directory, valid, mayRelease, locked)
    },

    usage: async () => {
      const view = await usable(() => believed() ?? locked(readAnew))
      return sets.map(set => usageOf(view.occupancy, set))
    },
  }

  function isReserved(address: Address): boolean {
    return directory.reservation(formatAddress(address)) !== undefined
  }

  /** Without the lock, for STATUS must answer at once. */
  function believed(): View | undefined {
    closeSync(openLock(directory.at('lock')))
    const { blocks, bfree, files, ffree } = statfsSync(directory.path)
    // A file system without a limit says that it has none of either.
    if ((blocks > 0 && bfree === 0) || (files > 0 && ffree === 0))
      throw new Problem('NOT_AVAILABLE', fullMessage(directory.path))
    return isOfBoot(directory, currentBoot(runDir)) ? believedView(directory, sets) : undefined
  }

  function readAnew(): View {
    renewed()
    directory.removeLeftover()
    const view = readView(directory, sets)
    writeIndex(directory.path, view.occupancy)
    return view
  }

  /** A directory that nothing can be reserved in is what STATUS is asked about. */
  async function usable<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await explaining(work)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'INPUT_OUTPUT') throw error
      throw new Problem('NOT_AVAILABLE', error.message, error.details, error.cause)
    }
  }
}

const fullMessage = (path: string): string =>
  `the reservations in ${path} cannot be kept: no space is left; free some space there`

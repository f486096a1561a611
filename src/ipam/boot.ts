// Which boot of this node a directory's reservations are of. What is left of an earlier one is freed, unless the kernel shows it in use.
import { readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { formatAddress } from '../ip/address.ts'
import { makeDirectory } from '../make-directory.ts'
import { hasCode } from '../problem.ts'
import type { Directory } from './directory.ts'

const name = '.podwire-boot'

export type LiveAddresses = () => ReadonlySet<string>

/** The kernel's boot id sees a reboot; a token under /run, gone with it, also sees the restart of a node that is a container. */
export const currentBoot = (runDir: string): string => `${bootId()} ${token(runDir)}`

export const isOfBoot = (directory: Directory, boot: string): boolean => directory.read(name) === boot

/** Under the lock. A directory that was never seen is adopted as it is. */
export function reclaim(directory: Directory, boot: string, liveAddresses: LiveAddresses): void {
  const stamp = directory.read(name)
  if (stamp === boot) return
  if (stamp) {
    const live = liveAddresses()
    for (const { name, address } of directory.entries()) if (!live.has(formatAddress(address))) directory.remove(name)
  }
  // Last: whoever is killed before leaves it to the next. Killed while writing it leaves it empty, when all is freed.
  writeFileSync(directory.at(name), boot, { mode: 0o600 })
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** A symbolic link appears whole, and only once: of two that make it at once, both read the same. */
function token(runDir: string): string {
  const path = `${runDir}/boot`
  try {
    return readlinkSync(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  makeDirectory(runDir)
  try {
    symlinkSync(`${Math.random()}`.slice(2) + `${Math.random()}`.slice(2), path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
  return readlinkSync(path)
}

// Whether the kernel can be asked to delete what may be missing: NFT_MSG_DESTROYTABLE and its kin came with Linux 6.3.
import { readFileSync } from 'node:fs'

/** Only a guess, which saves a try: some distributions have it earlier. */
export function hasDestroy(version = readFileSync('/proc/sys/kernel/osrelease', 'utf8')): boolean {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10))
  return major > 6 || (major === 6 && minor >= 3)
}

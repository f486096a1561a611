// Names and MACs of a pod's pair, computed from whom it serves: DEL, CHECK and GC find it with no state at all.

const PREFIX = 'pw'
const NETWORK_DIGITS = 4
const ATTACHMENT_DIGITS = 9
const BASE = 36

/** What every host end of this network's begins with. */
export const namePrefix = (network: string): string => PREFIX + digits(fnv(network), NETWORK_DIGITS)

/** The host end of one attachment: at most 15 bytes, as the kernel asks. */
export const hostInterfaceName = (network: string, containerId: string, interfaceName: string): string =>
  namePrefix(network) + digits(fnv(`${containerId} ${interfaceName}`), ATTACHMENT_DIGITS)

/** A unicast, locally administered MAC. */
export function macAddress(seed: string): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(fnv(seed))
  bytes.writeUInt8((bytes.readUInt8(2) & 0xfc) | 0x02, 2)
  return bytes
    .subarray(2)
    .toString('hex')
    .replace(/(..)(?!$)/g, '$1:')
}

const digits = (hash: bigint, count: number): string =>
  (hash % BigInt(BASE) ** BigInt(count)).toString(BASE).padStart(count, '0')

/** FNV-1a, 64 bits. Nobody attacks these names, and node:crypto takes 8 ms to load. */
function fnv(text: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}

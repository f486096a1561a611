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
  const hex = fnv(seed).toString(16).padStart(16, '0')
  const first = ((Number.parseInt(hex.slice(4, 6), 16) & 0xfc) | 0x02).toString(16).padStart(2, '0')
  return `${first}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10, 12)}:${hex.slice(12, 14)}:${hex.slice(14)}`
}

const digits = (hash: bigint, count: number): string =>
  (hash % BigInt(BASE) ** BigInt(count)).toString(BASE).padStart(count, '0')

/** FNV-1a, 64 bits. Nobody attacks these names, and node:crypto takes 8 ms to load. */
function fnv(text: string): bigint {
  let [high, low] = [0xcbf29ce4, 0x84222325]
  for (const byte of Buffer.from(text)) {
    // Times 2^40 + 0x1b3, in halves: a bigint for each byte takes three times as long.
    const mixed = (low ^ byte) >>> 0
    const product = mixed * 0x1b3
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + mixed * 256) >>> 0
    low = product >>> 0
  }
  return (BigInt(high) << 32n) | BigInt(low)
}

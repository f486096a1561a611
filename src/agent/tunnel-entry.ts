// What a VXLAN device must know of one other node, permanently, so that nothing has to be asked or learned.
import { macAddress } from '../datapath/interface-name.ts'
import type { Family } from '../ip/address.ts'

export type TunnelEntry =
  /** A next hop's MAC. */
  | { readonly kind: 'neighbour'; readonly family: Family; readonly address: string; readonly mac: string }
  /** The node that a MAC is on. */
  | { readonly kind: 'forwarding'; readonly mac: string; readonly node: string }

export const entryText = (entry: TunnelEntry): string =>
  entry.kind === 'neighbour' ? `${entry.address} is ${entry.mac}` : `${entry.mac} is on ${entry.node}`

/** Computed from the node's name, so that nobody needs to be told. */
export const tunnelMac = (nodeName: string): string => macAddress(`tunnel end of ${nodeName}`)

/** RFC 4291, appendix A. */
export function linkLocalAddress(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map(byte => Number.parseInt(byte, 16))
  const words = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return `fe80::${words.map(word => word.toString(16)).join(':')}`
}

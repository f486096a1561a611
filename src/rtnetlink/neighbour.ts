// ip-neighbour(8) · linux/neighbour.h · Documentation/netlink/specs/rt-neigh.yaml
import { ip, mac } from '../netlink/address.ts'
import { struct } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { i32, u8, u16, u32 } from '../netlink/scalar.ts'

export const RTM_NEWNEIGH = 28
export const RTM_DELNEIGH = 29
export const RTM_GETNEIGH = 30

export const NUD_NOARP = 0x40
export const NUD_PERMANENT = 0x80
/** The device's own forwarding table, where AF_BRIDGE (7) is the family. */
export const NTF_SELF = 0x02

const ndmsg = struct({ family: u8, pad1: u8, pad2: u16, index: i32, state: u16, flags: u8, type: u8 })

/** The fixed part of a request for every neighbour. */
export const blankNeighbour = { family: 0, pad1: 0, pad2: 0, index: 0, state: 0, flags: 0, type: 0 } as const

const cacheInfo = struct({ confirmed: u32, used: u32, updated: u32, references: u32 })

export const neighbour = body(ndmsg, {
  destination: [1, ip],
  linkLayerAddress: [2, mac],
  cacheInfo: [3, cacheInfo],
  probes: [4, u32],
  interfaceIndex: [8, u32],
  protocol: [12, u8],
})

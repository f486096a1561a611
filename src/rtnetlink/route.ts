// ip-route(8) · linux/rtnetlink.h · Documentation/netlink/specs/rt-route.yaml
import { ip } from '../netlink/address.ts'
import { attributes, struct } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { u8, u32 } from '../netlink/scalar.ts'

export const RTM_NEWROUTE = 24
export const RTM_DELROUTE = 25
export const RTM_GETROUTE = 26

export const RT_TABLE_MAIN = 254
export const RT_TABLE_LOCAL = 255
export const RTPROT_KERNEL = 2
export const RTPROT_STATIC = 4
export const RT_SCOPE_UNIVERSE = 0
export const RT_SCOPE_LINK = 253
export const RT_SCOPE_HOST = 254
export const RT_SCOPE_NOWHERE = 255
export const RTN_UNICAST = 1
export const RTN_LOCAL = 2
export const RTN_UNREACHABLE = 7
export const RTNH_F_ONLINK = 0x04
export const RTM_F_CLONED = 0x200

const rtmsg = struct({
  family: u8,
  destinationLength: u8,
  sourceLength: u8,
  tos: u8,
  table: u8,
  protocol: u8,
  scope: u8,
  type: u8,
  flags: u32,
})

/** The fixed part of a request for every route. */
export const blankRoute = {
  family: 0,
  destinationLength: 0,
  sourceLength: 0,
  tos: 0,
  table: 0,
  protocol: 0,
  scope: 0,
  type: 0,
  flags: 0,
} as const

// RTAX_MTU, RTAX_ADVMSS
const metrics = attributes({
  mtu: [2, u32],
  advertisedMss: [8, u32],
})

const cacheInfo = struct({
  users: u32,
  lastUse: u32,
  expires: u32,
  error: u32,
  used: u32,
  id: u32,
  timestamp: u32,
  age: u32,
})

export const route = body(rtmsg, {
  destination: [1, ip],
  source: [2, ip],
  inputInterface: [3, u32],
  outputInterface: [4, u32],
  gateway: [5, ip],
  priority: [6, u32],
  preferredSource: [7, ip],
  metrics: [8, metrics],
  cacheInfo: [12, cacheInfo],
  table: [15, u32],
  preference: [20, u8],
})

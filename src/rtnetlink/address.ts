// ip-address(8) · linux/if_addr.h · Documentation/netlink/specs/rt-addr.yaml
import { ip } from '../netlink/address.ts'
import { struct } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { text, u8, u32 } from '../netlink/scalar.ts'

export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_GETADDR = 22

export const IFA_F_NODAD = 0x02
export const IFA_F_TENTATIVE = 0x40

const ifaddrmsg = struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 })

/** The fixed part of a request for every address. */
export const blankAddress = { family: 0, prefixLength: 0, flags: 0, scope: 0, index: 0 } as const

const cacheInfo = struct({ preferred: u32, valid: u32, created: u32, updated: u32 })

export const address = body(ifaddrmsg, {
  address: [1, ip],
  local: [2, ip],
  label: [3, text],
  broadcast: [4, ip],
  cacheInfo: [6, cacheInfo],
  flags: [8, u32],
  protocol: [11, u8],
})

// ip-link(8) · linux/if_link.h · Documentation/netlink/specs/rt-link.yaml
import { mac } from '../netlink/address.ts'
import { attributes, select, struct } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { bareText, i32, text, u8, u16, u32 } from '../netlink/scalar.ts'
import { vxlan } from './vxlan.ts'

export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_GETLINK = 18
export const RTM_SETLINK = 19

export const IFF_UP = 0x01
export const IN6_ADDR_GEN_MODE_NONE = 1
export const RTEXT_FILTER_SKIP_STATS = 0x08

const ifinfomsg = struct({ family: u8, pad: u8, type: u16, index: i32, flags: u32, change: u32 })

/** The fixed part of a request that names its link by an attribute. */
export const blankLink = { family: 0, pad: 0, type: 0, index: 0, flags: 0, change: 0 } as const

const common = {
  address: [1, mac],
  broadcast: [2, mac],
  name: [3, text],
  mtu: [4, u32],
  link: [5, u32],
  operationalState: [16, u8],
  netNsPid: [19, u32],
  alias: [20, bareText],
  group: [27, u32],
  netNsFd: [28, i32],
  extendedMask: [29, u32],
  linkNetNsId: [37, i32],
} as const

const veth = attributes({ peer: [1, body(ifinfomsg, common)] })

const linkInfo = attributes({
  kind: [1, bareText],
  data: [2, select('kind', { veth, vxlan })],
})

const inet6 = attributes({ addressGenerationMode: [8, u8] })

// AF_INET and AF_INET6 are the attribute types here.
const addressFamilies = attributes({ inet6: [10, inet6] })

export const link = body(ifinfomsg, {
  ...common,
  info: [18, linkInfo],
  addressFamilies: [26, addressFamilies],
})

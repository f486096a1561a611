// ethtool(8), features · linux/ethtool_netlink.h · linux/genetlink.h · Documentation/netlink/specs/ethtool.yaml
import { attributes, list, nested, struct } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { bytes, text, u8, u16, u32 } from '../netlink/scalar.ts'

export const NETLINK_GENERIC = 16
export const GENL_ID_CTRL = 0x10
export const CTRL_CMD_GETFAMILY = 3
export const ETHTOOL_MSG_FEATURES_GET = 11
export const ETHTOOL_MSG_FEATURES_SET = 12

const genlmsghdr = struct({ command: u8, version: u8, reserved: u16 })

/** What every kind of generic netlink is numbered by: nlctrl. */
export const family = body(genlmsghdr, { id: [1, u16], name: [2, text] })

const bit = attributes({ index: [1, u32], name: [2, text], value: [3, bytes] })
const bitset = attributes({ noMask: [1, bytes], size: [2, u32], bits: [3, nested(list(nested(bit)))] })
const header = attributes({ index: [1, u32], device: [2, text], flags: [3, u32] })

export const features = body(genlmsghdr, {
  header: [1, nested(header)],
  hardware: [2, nested(bitset)],
  wanted: [3, nested(bitset)],
  active: [4, nested(bitset)],
})

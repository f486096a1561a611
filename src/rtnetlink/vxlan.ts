// ip-link(8), VXLAN · linux/if_link.h · Documentation/netlink/specs/rt-link.yaml
import { ip } from '../netlink/address.ts'
import { attributes } from '../netlink/codec.ts'
import { be16, u8, u32 } from '../netlink/scalar.ts'

export const vxlan = attributes({
  id: [1, u32],
  local: [4, ip],
  learning: [7, u8],
  port: [15, be16],
  localIpv6: [17, ip],
  udpChecksum: [18, u8],
})

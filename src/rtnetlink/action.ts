// tc-actions(8), tc-mirred(8) · linux/pkt_cls.h, linux/tc_act/tc_mirred.h · Documentation/netlink/specs/tc.yaml
import { attributes, nested, select, struct } from '../netlink/codec.ts'
import { i32, text, u32 } from '../netlink/scalar.ts'

export const TC_ACT_STOLEN = 4
export const TCA_EGRESS_REDIR = 1

// struct tc_mirred
const mirredParameters = struct({
  index: u32,
  capabilities: u32,
  action: i32,
  references: i32,
  bindings: i32,
  direction: i32,
  interfaceIndex: u32,
})

/** What the kernel fills in of its own accord. */
export const blankMirred = { index: 0, capabilities: 0, references: 0, bindings: 0 } as const

const mirred = attributes({ parameters: [2, mirredParameters] })

export const action = attributes({
  kind: [1, text],
  options: [2, nested(select('kind', { mirred }))],
})

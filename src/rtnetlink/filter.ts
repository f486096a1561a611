// tc-u32(8) · linux/pkt_cls.h · Documentation/netlink/specs/tc.yaml
import { attributes, type Codec, select, struct, type ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { be16, i32, text, u8, u16, u32 } from '../netlink/scalar.ts'
import { action } from './action.ts'
import { blankQdisc, tcmsg } from './qdisc.ts'

export const RTM_NEWTFILTER = 44
export const RTM_GETTFILTER = 46

const ETH_P_ALL_IN_NETWORK_ORDER = 0x0300

/** The fixed part of a request for every filter. */
export const blankFilter = blankQdisc

/** `info` of a filter that sees every protocol; those of smaller priority numbers see a packet before it. */
export const everyProtocol = (priority: number): number => priority * 0x1_0000 + ETH_P_ALL_IN_NETWORK_ORDER

const selectorHead = struct({
  flags: u8,
  offsetShift: u8,
  keyCount: u8,
  pad: u8,
  offsetMask: be16,
  offset: u16,
  offsetOffset: u16,
  hashOffset: u16,
  hashMask: u32,
})
const KEY_LENGTH = 16
const key = struct({ mask: u32, value: u32, offset: i32, offsetMask: i32 })

export interface Selector extends ValueOf<typeof selectorHead> {
  readonly keys: readonly ValueOf<typeof key>[]
}

const selector: Codec<Selector> = {
  write(to, value) {
    selectorHead.write(to, value)
    for (const item of value.keys) key.write(to, item)
  },
  read(from) {
    const head = selectorHead.read(from)
    const keys: ValueOf<typeof key>[] = []
    while (from.remaining >= KEY_LENGTH) keys.push(key.read(from))
    return { ...head, keys }
  },
}

const TC_U32_TERMINAL = 1

/** `match u32 0 0`: every packet. */
export const matchAll: Selector = {
  flags: TC_U32_TERMINAL,
  offsetShift: 0,
  keyCount: 1,
  pad: 0,
  offsetMask: 0,
  offset: 0,
  offsetOffset: 0,
  hashOffset: 0,
  hashMask: 0,
  keys: [{ mask: 0, value: 0, offset: 0, offsetMask: 0 }],
}

const u32Options = attributes({
  selector: [5, selector],
  actions: [7, attributes({ first: [1, action] })],
})

export const filter = body(tcmsg, {
  kind: [1, text],
  options: [2, select('kind', { u32: u32Options })],
})

// tc(8), tc-tbf(8) · linux/pkt_sched.h · Documentation/netlink/specs/tc.yaml
import { attributes, select, struct } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { bytes, i32, text, u8, u16, u32, u64 } from '../netlink/scalar.ts'

export const RTM_NEWQDISC = 36
export const RTM_GETQDISC = 38

export const TC_H_ROOT = 0xffff_ffff
export const TC_H_INGRESS = 0xffff_fff1
/** "ffff:", the handle of ingress and clsact alike, which exclude each other. */
export const INGRESS_HANDLE = 0xffff_0000
/** Where filters for what comes in hang, on either. */
export const TC_H_CLSACT_INGRESS = 0xffff_fff2
export const TC_LINKLAYER_ETHERNET = 1

/** Qdiscs and filters share it. */
export const tcmsg = struct({ family: u8, pad1: u8, pad2: u16, index: i32, handle: u32, parent: u32, info: u32 })

/** The fixed part of a request for every qdisc. */
export const blankQdisc = { family: 0, pad1: 0, pad2: 0, index: 0, handle: 0, parent: 0, info: 0 } as const

// struct tc_tbf_qopt: two tc_ratespec, then three numbers.
const tokenBucketParameters = struct({
  cellLog: u8,
  linkLayer: u8,
  overhead: u16,
  cellAlign: u16,
  minimumSize: u16,
  bytesPerSecond: u32,
  peakCellLog: u8,
  peakLinkLayer: u8,
  peakOverhead: u16,
  peakCellAlign: u16,
  peakMinimumSize: u16,
  peakBytesPerSecond: u32,
  limitBytes: u32,
  bufferTicks: u32,
  mtuTicks: u32,
})

/** What a token bucket without a peak rate leaves at zero. */
export const blankTokenBucket = {
  cellLog: 0,
  linkLayer: TC_LINKLAYER_ETHERNET,
  overhead: 0,
  cellAlign: 0,
  minimumSize: 0,
  bytesPerSecond: 0,
  peakCellLog: 0,
  peakLinkLayer: 0,
  peakOverhead: 0,
  peakCellAlign: 0,
  peakMinimumSize: 0,
  peakBytesPerSecond: 0,
  limitBytes: 0,
  bufferTicks: 0,
  mtuTicks: 0,
} as const

const tbf = attributes({
  parameters: [1, tokenBucketParameters],
  rateTable: [2, bytes],
  bytesPerSecond64: [4, u64],
  burstBytes: [6, u32],
})

export const qdisc = body(tcmsg, {
  kind: [1, text],
  options: [2, select('kind', { tbf })],
})

import { testReplies, testWire } from '../testing/wire.ts'
import { blankQdisc, blankTokenBucket, qdisc } from './qdisc.ts'

const root = { ...blankQdisc, index: 3, handle: 0x1_0000, parent: 0xffff_ffff }
const ingress = { ...blankQdisc, index: 3, handle: 0xffff_0000, parent: 0xffff_fff1 }

// What tc adds for kernels older than 3.8: the ticks that packets of (i + 1) * 8 bytes take, in whole microseconds.
const ticksPerMicrosecond = 15.625
const rateTable = (bytesPerSecond: number): Uint8Array =>
  new Uint8Array(
    Uint32Array.from({ length: 256 }, (_, i) =>
      Math.trunc(Math.trunc(((i + 1) * 8e6) / bytesPerSecond) * ticksPerMicrosecond),
    ).buffer,
  )

const asTcHasIt = { ...blankTokenBucket, cellLog: 3, cellAlign: 0xffff }

testWire(import.meta.url, qdisc, {
  'qdisc-add-tbf': {
    ...root,
    attributes: {
      kind: 'tbf',
      options: {
        parameters: { ...asTcHasIt, bytesPerSecond: 1_250_000, limitBytes: 156_250, bufferTicks: 1_562_500 },
        burstBytes: 125_000,
        rateTable: rateTable(1_250_000),
      },
    },
  },
  'qdisc-add-tbf-fast': {
    ...root,
    attributes: {
      kind: 'tbf',
      options: {
        parameters: {
          ...asTcHasIt,
          bytesPerSecond: 0xffff_ffff,
          limitBytes: 437_500_000,
          // tc 6.1 computes it from the rate that 32 bits hold; the kernel goes by burstBytes.
          bufferTicks: 454_734,
        },
        burstBytes: 125_000_000,
        bytesPerSecond64: 12_500_000_000n,
        rateTable: rateTable(12_500_000_000),
      },
    },
  },
  'qdisc-add-ingress': { ...ingress, attributes: { kind: 'ingress' } },
  'qdisc-add-clsact': { ...ingress, attributes: { kind: 'clsact' } },
  'qdisc-delete': { ...blankQdisc, index: 3, parent: 0xffff_ffff, attributes: {} },
})

testReplies(import.meta.url, qdisc, {
  'qdisc-list': [
    { index: 1, attributes: { kind: 'noqueue' } },
    { index: 2, attributes: { kind: 'noqueue' } },
    {
      index: 3,
      handle: 0x1_0000,
      parent: 0xffff_ffff,
      // The ticks of a burst of 536,870,911 bytes do not fit into 32 bits.
      attributes: {
        kind: 'tbf',
        options: { parameters: { bytesPerSecond: 1_250_000, limitBytes: 536_902_161, bufferTicks: 2_415_919_091 } },
      },
    },
    { index: 3, parent: 0xffff_fff1, attributes: { kind: 'ingress' } },
    {
      index: 4,
      handle: 0x1_0000,
      attributes: {
        kind: 'tbf',
        options: { bytesPerSecond64: 12_500_000_000n, parameters: { limitBytes: 437_500_000 } },
      },
    },
  ],
})

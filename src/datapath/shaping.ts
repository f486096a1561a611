// From what a pod is granted, in bits, to the token buckets that hold it to that, in bytes; and what is wrong with those that are there.

/** As the CNI convention has it. */
export interface Limit {
  readonly bitsPerSecond: number
  readonly burstBits: number
}

/** As the pod sees it: ingress is what it receives. */
export interface Bandwidth {
  readonly ingress?: Limit | undefined
  readonly egress?: Limit | undefined
  /** A runtime's default burst is taken at its word. */
  readonly keepsDefaultBurst?: boolean
}

export interface Bucket {
  readonly bytesPerSecond: number
  readonly burstBytes: number
  /** What may wait for tokens; the rest is dropped. */
  readonly limitBytes: number
}

export interface Buckets {
  readonly ingress: Bucket | undefined
  readonly egress: Bucket | undefined
}

/** A bucket as the kernel tells it: the burst in ticks of 64 ns, the lower 32 bits of them. */
export interface ObservedBucket {
  readonly bytesPerSecond: number
  readonly limitBytes: number
  readonly burstTicks: number
}

export interface ObservedShaping {
  readonly ingress: ObservedBucket | undefined
  readonly egress: ObservedBucket | undefined
  /** Whether what the pod sends goes through the egress bucket. */
  readonly isRedirected: boolean
}

// What containerd and CRI-O send where a pod's annotations, which know no burst, name a rate: 2^32 - 1, and eight times that less one.
const defaultBursts = [4_294_967_295, 34_359_738_359]

const LATENCY_SECONDS = 0.025
const CAPPED_BURST_SECONDS = 0.01
const CAPPED_BURST_FRAMES = 10
const ETHERNET_HEADER = 14
// Twice the largest packet that the kernel makes of several; a longer queue is delay, in kernel memory.
const QUEUED_BURST_MAX = 1 << 20
const U32_MAX = 0xffff_ffff
const TICK_SECONDS = 64e-9
const TICKS_LIMIT = 2 ** 32

export const buckets = ({ ingress, egress, keepsDefaultBurst = false }: Bandwidth, mtu: number): Buckets => ({
  ingress: ingress && bucket(ingress, mtu, keepsDefaultBurst),
  egress: egress && bucket(egress, mtu, keepsDefaultBurst),
})

function bucket({ bitsPerSecond, burstBits }: Limit, mtu: number, keepsDefaultBurst: boolean): Bucket {
  const frame = mtu + ETHERNET_HEADER
  const bytesPerSecond = Math.max(1, Math.floor(bitsPerSecond / 8))
  // At 10 Mbit/s half a gigabyte would pass before any shaping is seen. A burst that nobody wrote is what a timer's lateness or a few packets need, and no more.
  const isCapped = defaultBursts.includes(burstBits) && !keepsDefaultBurst
  const asked = isCapped
    ? Math.max(bytesPerSecond * CAPPED_BURST_SECONDS, frame * CAPPED_BURST_FRAMES)
    : Math.floor(burstBits / 8)
  // A frame that is larger than the burst never passes.
  const burstBytes = Math.min(Math.max(Math.ceil(asked), frame), U32_MAX)
  const limitBytes = Math.ceil(bytesPerSecond * LATENCY_SECONDS) + Math.min(burstBytes, QUEUED_BURST_MAX)
  return { bytesPerSecond, burstBytes, limitBytes: Math.min(limitBytes, U32_MAX) }
}

/** Sentences, each with the name of what is wrong. More than ours is no difference. */
export function shapingDifferences(hostInterface: string, want: Buckets, has: ObservedShaping): string[] {
  const isUnredirected = want.egress !== undefined && !has.isRedirected
  return [
    ...wrongBucket(`${hostInterface}: ingress shaping`, want.ingress, has.ingress),
    ...wrongBucket(`${hostInterface}: egress shaping`, want.egress, has.egress),
    ...(isUnredirected ? [`${hostInterface}: what the pod sends does not pass its egress shaping`] : []),
  ]
}

function wrongBucket(what: string, want: Bucket | undefined, has: ObservedBucket | undefined): string[] {
  if (want === undefined) return []
  if (has === undefined) return [`${what} is missing`]
  const { bytesPerSecond, burstBytes, limitBytes } = want
  return [
    ...(has.bytesPerSecond === bytesPerSecond
      ? []
      : [`${what} is ${has.bytesPerSecond * 8} bit/s, not ${bytesPerSecond * 8}`]),
    ...(isBurst(has, want) ? [] : [`${what} has another burst than ${burstBytes} bytes`]),
    ...(has.limitBytes === limitBytes ? [] : [`${what} queues ${has.limitBytes} bytes, not ${limitBytes}`]),
  ]
}

/** As far as ticks that overflow, after 275 seconds of burst, and the kernel's rounding can tell. */
function isBurst({ burstTicks }: ObservedBucket, { bytesPerSecond, burstBytes }: Bucket): boolean {
  const ticks = burstBytes / bytesPerSecond / TICK_SECONDS
  const apart = Math.abs((ticks % TICKS_LIMIT) - burstTicks)
  return Math.min(apart, TICKS_LIMIT - apart) <= 2 + ticks * 1e-6
}

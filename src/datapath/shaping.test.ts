import t from 'tap'
import { type Bucket, buckets, type ObservedShaping, shapingDifferences } from './shaping.ts'

const CONTAINERD = 4_294_967_295
const CRIO = 34_359_738_359
const mbit = 1_000_000
const egress = (bitsPerSecond: number, burstBits: number, mtu = 1500, keepsDefaultBurst = false): Bucket | undefined =>
  buckets({ egress: { bitsPerSecond, burstBits }, keepsDefaultBurst }, mtu).egress

t.test('bits become bytes; what waits is 25 ms of the rate beside the burst', async t => {
  t.same(egress(10 * mbit, 400_000), { bytesPerSecond: 1_250_000, burstBytes: 50_000, limitBytes: 81_250 })
  t.same(buckets({ ingress: { bitsPerSecond: 8 * mbit, burstBits: 800_000 } }, 1500), {
    ingress: { bytesPerSecond: 1_000_000, burstBytes: 100_000, limitBytes: 125_000 },
    egress: undefined,
  })
})

t.test('a burst that nobody wrote is capped to ten frames or 10 ms of the rate, whichever is more', async t => {
  for (const burst of [CONTAINERD, CRIO]) {
    t.equal(egress(mbit, burst)?.burstBytes, 15_140)
    t.equal(egress(mbit, burst, 9000)?.burstBytes, 90_140)
    t.equal(egress(1000 * mbit, burst)?.burstBytes, 1_250_000)
  }
  t.equal(egress(mbit, CONTAINERD - 1)?.burstBytes, 536_870_911, 'one that somebody wrote is not')
  t.equal(egress(mbit, CRIO - 1)?.burstBytes, 4_294_967_294)
})

t.test('the cap can be lifted', async t => {
  t.equal(egress(mbit, CONTAINERD, 1500, true)?.burstBytes, 536_870_911)
  t.same(egress(mbit, CRIO, 1500, true), {
    bytesPerSecond: 125_000,
    burstBytes: 4_294_967_294,
    limitBytes: 1_051_701,
  })
})

t.test('a burst holds at least one frame, and a rate at least one byte', async t => {
  t.equal(egress(mbit, 8)?.burstBytes, 1514)
  t.equal(egress(mbit, 8, 65_535)?.burstBytes, 65_549)
  t.equal(egress(1, 8)?.bytesPerSecond, 1)
})

t.test('differences name the interface, the direction and what is wrong', async t => {
  const want = buckets(
    {
      ingress: { bitsPerSecond: 10 * mbit, burstBits: CONTAINERD },
      egress: { bitsPerSecond: mbit, burstBits: 800_000 },
    },
    1500,
  )
  const ingress = { bytesPerSecond: 1_250_000, limitBytes: 46_390, burstTicks: 189_250 }
  const right = { ingress, egress: { bytesPerSecond: 125_000, limitBytes: 103_125, burstTicks: 12_500_000 } }
  const found = (has: Partial<ObservedShaping>): string[] =>
    shapingDifferences('pw0', want, { ...right, isRedirected: true, ...has })
  t.same(found({}), [])
  t.same(found({ ingress: { ...ingress, burstTicks: ingress.burstTicks - 1 } }), [], 'the kernel rounds')
  t.same(found({ ingress: undefined }), ['pw0: ingress shaping is missing'])
  t.same(found({ egress: ingress }), [
    'pw0: egress shaping is 10000000 bit/s, not 1000000',
    'pw0: egress shaping has another burst than 100000 bytes',
    'pw0: egress shaping queues 46390 bytes, not 103125',
  ])
  t.same(found({ isRedirected: false }), ['pw0: what the pod sends does not pass its egress shaping'])
  const nothing = { ingress: undefined, egress: undefined }
  t.same(shapingDifferences('pw0', nothing, { ...right, isRedirected: true }), [], 'more than ours is no difference')
})

t.test('a burst whose ticks overflow 32 bits is compared by what is left of them', async t => {
  const want = buckets({ ingress: { bitsPerSecond: 10 * mbit, burstBits: CONTAINERD }, keepsDefaultBurst: true }, 1500)
  const has = (burstTicks: number): ObservedShaping => ({
    ingress: { bytesPerSecond: 1_250_000, limitBytes: 1_079_826, burstTicks },
    egress: undefined,
    isRedirected: false,
  })
  // As `tc qdisc show` had it of the kernel: src/rtnetlink/golden/qdisc-list.txt.
  t.same(shapingDifferences('pw0', want, has(2_415_919_091)), [])
  t.same(shapingDifferences('pw0', want, has(189_250)), ['pw0: ingress shaping has another burst than 536870911 bytes'])
})

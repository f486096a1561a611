import t from 'tap'
import { bandwidth } from './bandwidth-limits.ts'
import { parseConfig } from './config.ts'
import { readConfig } from './read-config.ts'

const least = { cniVersion: '1.0.0', name: 'pods' }
const CONTAINERD_BURST = 2 ** 32 - 1
const CRIO_BURST = (2 ** 32 - 1) * 8 - 1

const own = (more: object) => bandwidth(parseConfig({ ...least, ...more }))
const asked = (bandwidth: object, more: object = {}) => own({ ...more, runtimeConfig: { bandwidth } })

t.test('what containerd and CRI-O send', async t => {
  const sent = { IngressRate: 1e6, IngressBurst: CONTAINERD_BURST, EgressRate: 0, EgressBurst: 0 }
  t.strictSame(bandwidth(await readConfig({ ...least, runtimeConfig: { Bandwidth: sent } })), {
    ingress: { bitsPerSecond: 1e6, burstBits: CONTAINERD_BURST },
    egress: undefined,
    keepsDefaultBurst: false,
  })
  t.match(asked({ egressRate: 1e6, egressBurst: CRIO_BURST }), {
    ingress: undefined,
    egress: { burstBits: CRIO_BURST },
  })
})

t.test('no limit is nothing', async t => {
  const none = { ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 }
  for (const limits of [undefined, asked({}), asked(none), own(none), own({}), own({ runtimeConfig: null })])
    t.equal(limits, undefined)
})

t.test('where the network’s own keys say anything, nothing of the runtime’s counts', async t => {
  const runtimeConfig = { bandwidth: { ingressRate: 1e6, ingressBurst: 1e5, egressRate: 2e6, egressBurst: 2e5 } }
  t.match(own({ runtimeConfig, egressRate: 5e6, egressBurst: 5e5 }), {
    ingress: undefined,
    egress: { bitsPerSecond: 5e6, burstBits: 5e5 },
  })
  for (const nothing of [0, null])
    t.match(own({ runtimeConfig, egressRate: nothing }), { ingress: { bitsPerSecond: 1e6 } })
})

t.test('a burst that somebody wrote is kept, one that a runtime filled in only when asked to', async t => {
  const filled = { ingressRate: 1e6, ingressBurst: CONTAINERD_BURST }
  t.match(asked(filled), { keepsDefaultBurst: false })
  t.match(asked(filled, { keepDefaultBurst: true }), { keepsDefaultBurst: true })
  t.match(own(filled), { keepsDefaultBurst: true })
})

t.test('rates go as far as numbers do', async t => {
  t.match(own({ ingressRate: 2 ** 53 - 1, ingressBurst: CRIO_BURST }), { ingress: { bitsPerSecond: 2 ** 53 - 1 } })
})

t.test('what is wrong is named, with its value', async t => {
  const wrong: [() => unknown, RegExp][] = [
    [() => own({ ingressRate: 1e6 }), /^ingressRate is 1000000, but ingressBurst is missing or 0/],
    [() => own({ egressBurst: 8, egressRate: 0 }), /^egressBurst is 8, but egressRate is missing or 0/],
    [
      () => asked({ EgressRate: 5, ingressRate: 8, ingressBurst: 8 }),
      /^runtimeConfig\.bandwidth\.egressRate is 5, but runtimeConfig\.bandwidth\.egressBurst is/,
    ],
    [
      () => asked({ ingressRate: 8, ingressBurst: CRIO_BURST + 1 }),
      /^runtimeConfig\.bandwidth\.ingressBurst 34359738360 is too large: a burst cannot be more than 4 GB/,
    ],
    [() => own({ ingressRate: -1 }), /ingressRate must be at least 0, but is the number -1/],
    [() => own({ ingressRate: '1M' }), /ingressRate must be a number, but is the string "1M"/],
    [() => own({ ingressRate: 1.5 }), /ingressRate must be a whole number, but is the number 1.5/],
    [() => own({ ingressRate: 2 ** 53 }), /ingressRate must be .*, but is the number 9007199254740992/],
    [
      () => asked({ egressBurst: 'x' }),
      /runtimeConfig\.bandwidth\.egressBurst must be a number, but is the string "x"/,
    ],
    [() => own({ runtimeConfig: { bandwidth: 7 } }), /runtimeConfig\.bandwidth must be an object, but is the number 7/],
    [() => own({ keepDefaultBurst: 1 }), /keepDefaultBurst must be a boolean/],
  ]
  for (const [read, message] of wrong) t.throws(read, { code: 'CONFIG_INVALID', message })
})

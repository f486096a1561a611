// The fast way of reading a config against the library's: of whatever arrives, the same value or the same complaint.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { parseBasics, parseConfig } from './config.ts'
import { readBasics, readConfig } from './read-config.ts'

const text = fc.constantFrom('pods', '10.1.0.0/24', '', '../x', '1.0.0', '9.9', 'a\0b', 'debug', 'error')
const wrongNumber = fc.constantFrom(-1, 1.5, 256, 2 ** 32, 2 ** 53, 1e300)
const number = fc.oneof({ arbitrary: fc.constantFrom(0, 255), weight: 40 }, wrongNumber)
const anything = fc.oneof(
  { depthSize: 'small' },
  text,
  wrongNumber,
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 2 }),
  fc.constant({}),
)

/** Mostly what belongs there, now and then anything. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<T | unknown> =>
  fc.oneof({ arbitrary: right, weight: 80 }, { arbitrary: anything, weight: 1 })
const needed = ['name', 'type', 'subnet', 'dst', 'file', 'HostPort', 'containerPort']
const optional = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: Object.keys(fields).filter(name => needed.includes(name)) })
const texts = mostly(fc.array(mostly(text), { maxLength: 2 }))

const range = mostly(optional({ subnet: mostly(text), rangeStart: text, RangeEnd: mostly(text), gateway: text }))
const ranges = mostly(fc.array(mostly(fc.array(range, { maxLength: 2 })), { maxLength: 2 }))
const route = optional({ dst: mostly(text), gw: text, mtu: mostly(number), table: number, scope: mostly(number) })
const port = optional({ HostPort: mostly(number), containerPort: mostly(number), Protocol: text, HostIP: mostly(text) })
const bandwidth = mostly(optional({ IngressRate: mostly(number), egressBurst: number }))
const document = mostly(
  optional({
    cniVersion: mostly(fc.constantFrom('1.0.0', '1.1.0', '0.1.0')),
    name: mostly(fc.constant('pods')),
    Name: fc.constant('other'),
    'cni.dev/valid-attachments': anything,
    log: mostly(optional({ file: mostly(text), level: mostly(fc.constantFrom('debug', 'error')) })),
    mtu: mostly(number),
    MTU: number,
    ipMasq: mostly(fc.boolean()),
    masquerade: mostly(optional({ Except: texts })),
    ingressRate: mostly(number),
    antiSpoof: mostly(fc.boolean()),
    dns: mostly(optional({ nameservers: texts, domain: mostly(text), search: texts })),
    statusOnExhaustion: mostly(fc.constantFrom('error', 'ready')),
    ipam: mostly(
      optional({
        type: mostly(fc.constant('podwire-ipam')),
        Ranges: ranges,
        routes: mostly(fc.array(mostly(route), { maxLength: 2 })),
        dataDir: fc.oneof({ arbitrary: fc.constant('/d'), weight: 40 }, text),
      }),
    ),
    prevResult: anything,
    RuntimeConfig: mostly(
      optional({
        mac: mostly(text),
        Ips: texts,
        ipRanges: ranges,
        Dns: mostly(optional({ Servers: texts })),
        PortMappings: mostly(fc.array(mostly(port), { maxLength: 2 })),
        Bandwidth: bandwidth,
      }),
    ),
    args: mostly(optional({ cni: mostly(optional({ ips: texts, mac: text })) })),
    ['__proto__']: anything,
    unknown: anything,
  }),
)

type Said = { readonly value: unknown } | { readonly code: unknown; readonly message: unknown }

async function said(read: () => unknown): Promise<Said> {
  try {
    return { value: JSON.parse(JSON.stringify(await read())) }
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: unknown }
    return { code, message }
  }
}

for (const [what, fast, library] of [
  ['ADD, CHECK and STATUS', readConfig, parseConfig],
  ['DEL and GC', readBasics, parseBasics],
] as const) {
  t.test(`what ${what} read, either way`, async t => {
    let right = 0
    const property = fc.asyncProperty(document, async given => {
      const expected = await said(() => library(given))
      if ('value' in expected) right++
      return isDeepStrictEqual(await said(() => fast(given)), expected)
    })
    const { failed, counterexample } = await fc.check(property, { numRuns: 600 })
    t.equal(failed, false, JSON.stringify(counterexample))
    t.ok(right > 50, `${right} of 600 were right`)
  })
}

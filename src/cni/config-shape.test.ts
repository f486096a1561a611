import t from 'tap'
import { parseConfig, shapes } from './config.ts'
import written from './config-shape.json' with { type: 'json' }
import { readBasics, readConfig } from './read-config.ts'
import { fits, folded } from './shape.ts'

t.test('what is written down is what the schemas say: npm run shape', async t => {
  t.same(written, JSON.parse(JSON.stringify(shapes())))
})

const least = { cniVersion: '1.0.0', name: 'pods' }

const right: readonly object[] = [
  least,
  {
    ...least,
    MTU: 1500,
    Ipam: { TYPE: 'podwire-ipam', Ranges: [[{ Subnet: '10.0.0.0/24' }]], routes: [{ dst: '0.0.0.0/0', mtu: 9 }] },
  },
  { ...least, runtimeConfig: { IPRanges: [[{ Subnet: 'x' }]], Dns: { Servers: ['1.1.1.1'] }, ips: null }, more: 7 },
  {
    ...least,
    prevResult: { any: ['thing'] },
    log: { file: '/l', level: 'warn' },
    args: { cni: { ips: ['10.0.0.1'] } },
  },
]

for (const document of right) {
  t.test(`both ways of reading give ${JSON.stringify(document)}`, async t => {
    t.strictSame({ ...(await readConfig(document)) }, { ...parseConfig(document) })
  })
}

const sent = {
  PortMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'tcp', HostIP: '' }],
  Bandwidth: { IngressRate: 1e6, IngressBurst: 2 ** 32 - 1, EgressRate: 0, EgressBurst: 0 },
}

t.test('what containerd sends fits, so that no library is loaded for it', async t => {
  const document = { ...least, runtimeConfig: sent, masquerade: { Except: ['10.0.0.0/8'] }, antiSpoof: false }
  t.ok(fits(folded(document, written.everything), written.everything))
  t.strictSame({ ...(await readConfig(document)) }, { ...parseConfig(document) })
})

const wrong: readonly [document: unknown, complaint: RegExp][] = [
  [null, /the document must be an object, but is null/],
  [{ ...least, mtu: '1500' }, /mtu must be a number, but is the string "1500"/],
  [{ ...least, mtu: -1 }, /mtu must be at least 0/],
  [{ ...least, mtu: 1.5 }, /mtu must be a/],
  [{ ...least, log: {} }, /log.file must be a string, but is missing/],
  [{ ...least, log: { file: '/l', level: 'loud' } }, /log.level must be one of debug, info, warn, error/],
  [{ ...least, ipam: { type: 'x', ranges: [{ subnet: 'x' }] } }, /ipam.ranges\[0\] must be an array/],
  [{ ...least, ipam: { type: 'x', dataDir: 'a\0b' } }, /ipam.dataDir must be/],
]

for (const [document, complaint] of wrong) {
  t.test(`the library says what is wrong with ${JSON.stringify(document)}`, async t => {
    await t.rejects(readConfig(document), { code: 'CONFIG_INVALID', message: complaint })
  })
}

t.test('what DEL does not need may be wrong', async t => {
  t.match(await readBasics({ ...least, mtu: 'x', log: 7, ipam: { type: 'podwire-ipam', ranges: 3 } }), {
    name: 'pods',
    log: undefined,
    ipam: { type: 'podwire-ipam' },
  })
})

import t from 'tap'
import { emptyResult, merged, type Result, resultAnswer } from './result.ts'
import { supportedVersions, type Version } from './version.ts'

const dual: Result = {
  interfaces: [
    { name: 'pw1', mac: '02:00:00:00:00:01', mtu: 1400 },
    { name: 'eth0', mac: '02:00:00:00:00:02', mtu: 1400, sandbox: '/run/netns/a' },
  ],
  ips: [
    { address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 1 },
    { address: 'fd00::2/128', gateway: 'fe80::1', interface: 1 },
    { address: '10.1.0.3/32', gateway: '169.254.1.1', interface: 1 },
  ],
  routes: [
    { dst: '0.0.0.0/0', gw: '169.254.1.1', mtu: 1300, advmss: 1200, priority: 5, table: 100, scope: 0 },
    { dst: '::/0', gw: 'fe80::1' },
  ],
  dns: {},
}

const legacy = {
  ip4: { ip: '10.1.0.2/32', gateway: '169.254.1.1', routes: [{ dst: '0.0.0.0/0', gw: '169.254.1.1' }] },
  ip6: { ip: 'fd00::2/128', gateway: 'fe80::1', routes: [{ dst: '::/0', gw: 'fe80::1' }] },
  dns: {},
}
const plainInterfaces = [
  { name: 'pw1', mac: '02:00:00:00:00:01' },
  { name: 'eth0', mac: '02:00:00:00:00:02', sandbox: '/run/netns/a' },
]
const plainRoutes = [
  { dst: '0.0.0.0/0', gw: '169.254.1.1' },
  { dst: '::/0', gw: 'fe80::1' },
]
const versioned = {
  interfaces: plainInterfaces,
  ips: [
    { version: '4', address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 1 },
    { version: '6', address: 'fd00::2/128', gateway: 'fe80::1', interface: 1 },
    { version: '4', address: '10.1.0.3/32', gateway: '169.254.1.1', interface: 1 },
  ],
  routes: plainRoutes,
  dns: {},
}
const expected: Record<Version, object> = {
  '0.1.0': legacy,
  '0.2.0': legacy,
  '0.3.0': versioned,
  '0.3.1': versioned,
  '0.4.0': versioned,
  '1.0.0': { interfaces: plainInterfaces, ips: dual.ips, routes: plainRoutes },
  '1.1.0': { interfaces: dual.interfaces, ips: dual.ips, routes: dual.routes },
}

const written = (result: Result, version: Version) => JSON.parse(resultAnswer(result, version))

for (const version of supportedVersions) {
  t.test(`writes ${version}`, async t => {
    t.strictSame(written(dual, version), { cniVersion: version, ...expected[version] })
    const dns = { nameservers: ['10.0.0.10'], domain: 'a', search: ['a.b'], options: ['ndots:5'] }
    t.strictSame(written({ ...dual, dns }, version).dns, dns)
  })
}

t.test('an empty result has no empty lists', async t => {
  t.strictSame(written(emptyResult, '1.1.0'), { cniVersion: '1.1.0' })
  t.strictSame(written(emptyResult, '0.4.0'), { cniVersion: '0.4.0', dns: {} })
})

t.test('versions that know only ip4 and ip6 have nothing to say where there is neither', async t => {
  for (const version of ['0.1.0', '0.2.0'] as const)
    t.throws(() => resultAnswer(emptyResult, version), { message: 'cannot convert: no valid IP addresses' })
})

t.test('one family alone is written alone', async t => {
  const six = { ...emptyResult, ips: [{ address: 'fd00::2/64' }], routes: [{ dst: '10.0.0.0/8' }] }
  t.strictSame(written(six, '0.2.0'), { cniVersion: '0.2.0', ip6: { ip: 'fd00::2/64' }, dns: {} })
})

t.test('ours stands behind what was there: nothing is dropped, our indexes shift', async t => {
  const earlier: Result = {
    interfaces: [{ name: 'br0' }, { name: 'net1', sandbox: '/run/netns/a' }, { name: 'x', socketPath: '/s' } as never],
    ips: [{ address: '192.0.2.2/24', interface: 1 }, { address: '192.0.2.3/24' }],
    routes: [{ dst: '192.0.2.0/24' }],
    dns: { nameservers: ['1.1.1.1', '10.0.0.10'], domain: 'earlier', search: ['e'] },
  }
  const ours: Result = {
    ...dual,
    ips: [
      { address: '10.1.0.2/32', interface: 1 },
      { address: '10.1.0.9/32', interface: 0 },
      { address: '10.1.0.8/32' },
    ],
    dns: { nameservers: ['10.0.0.10'], options: ['ndots:5'] },
  }
  t.strictSame(merged(earlier, ours), {
    interfaces: [...earlier.interfaces, ...dual.interfaces],
    ips: [
      ...earlier.ips,
      { address: '10.1.0.2/32', interface: 4 },
      { address: '10.1.0.9/32', interface: 3 },
      { address: '10.1.0.8/32' },
    ],
    routes: [...earlier.routes, ...dual.routes],
    dns: { nameservers: ['1.1.1.1', '10.0.0.10'], domain: 'earlier', search: ['e'], options: ['ndots:5'] },
  })
  t.equal(merged(earlier, { ...ours, dns: { domain: 'ours' } }).dns.domain, 'ours')
})

t.test('merging with nothing changes nothing', async t => {
  t.strictSame(merged(emptyResult, dual), dual)
  t.strictSame(merged(dual, emptyResult), dual)
})

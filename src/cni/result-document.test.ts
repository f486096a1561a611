import t from 'tap'
import { type Result, resultAnswer } from './result.ts'
import { parseResult } from './result-document.ts'
import { isAtLeast, supportedVersions, type Version } from './version.ts'

const dual: Result = {
  interfaces: [
    { name: 'pw1', mac: '02:00:00:00:00:01', mtu: 1400 },
    { name: 'eth0', sandbox: '/run/netns/a' },
  ],
  ips: [
    { address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 1 },
    { address: 'fd00::2/128', gateway: 'fe80::1', interface: 1 },
  ],
  routes: [
    { dst: '0.0.0.0/0', gw: '169.254.1.1', priority: 7 },
    { dst: '::/0', gw: 'fe80::1' },
  ],
  dns: { nameservers: ['10.0.0.10'], search: ['a.b'] },
}

const written = (result: Result, version: Version): unknown => JSON.parse(resultAnswer(result, version))
const through = (version: Version, document: unknown): Result => parseResult(document, version, 'prevResult')

t.test('between any two versions', async t => {
  for (const high of supportedVersions) {
    for (const low of supportedVersions.filter(version => isAtLeast(high, version))) {
      const direct = written(dual, low)
      t.strictSame(written(through(high, written(dual, high)), low), direct, `${high} down to ${low}`)
      const up = written(through(low, direct), high)
      t.strictSame(written(through(high, up), low), direct, `${low} up to ${high} and back loses nothing`)
    }
  }
})

t.test('the newest is read as it is', async t => {
  t.strictSame(through('1.1.0', written(dual, '1.1.0')), dual)
})

t.test('what other plugins write is read too', async t => {
  t.strictSame(through('0.2.0', { ip4: { ip: '10.1.0.2/24', routes: [{ dst: '0.0.0.0/0' }] }, ip6: null, dns: {} }), {
    interfaces: [],
    ips: [{ address: '10.1.0.2/24' }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: {},
  })
  t.strictSame(
    through('1.0.0', { interfaces: null, ips: [{ address: 'fd00::2/64', gateway: '', interface: null }], dns: null }),
    { interfaces: [], ips: [{ address: 'fd00::2/64' }], routes: [], dns: {} },
    'null and empty are not there',
  )
  t.strictSame(through('1.0.0', {}), { interfaces: [], ips: [], routes: [], dns: {} })
})

t.test('what we do not know of an interface or a route goes through', async t => {
  const document = {
    interfaces: [{ name: 'vf0', pciID: '0000:01:00.0', socketPath: '/run/s' }],
    ips: [{ address: '10.1.0.2/24' }],
    routes: [{ dst: '10.0.0.0/8', scope: 253, table: 1000 }],
  }
  t.match(written(through('1.1.0', document), '1.1.0'), document)
})

t.test('complaints name the place', async t => {
  const wrong: [Version, unknown, string][] = [
    ['1.0.0', null, 'the document must be an object, but is null'],
    ['1.0.0', [], 'the document must be an object, but is an array'],
    ['1.0.0', { ips: {} }, 'ips must be an array, but is an object'],
    ['1.0.0', { ips: [{}] }, 'ips[0].address must be a string, but is missing'],
    ['1.0.0', { ips: [{ address: 'x', interface: '1' }] }, 'ips[0].interface must be a number, but is the string "1"'],
    ['1.0.0', { interfaces: [null] }, 'interfaces[0] must be an object, but is null'],
    ['0.4.0', { routes: [{ gw: '1.1.1.1' }] }, 'routes[0].dst must be a string, but is missing'],
    ['0.1.0', { ip4: { gateway: '1.1.1.1' } }, 'ip4.ip must be a string, but is missing'],
    ['1.1.0', { dns: { nameservers: 'x' } }, 'dns.nameservers must be an array, but is the string "x"'],
  ]
  for (const [version, document, message] of wrong)
    t.throws(() => through(version, document), { code: 'CONFIG_INVALID', message: `prevResult: ${message}` })
})

t.test('what names a version is read by it, whatever the config says', async t => {
  const { ips } = through('1.1.0', { cniVersion: '0.2.0', ip4: { ip: '10.1.0.2/24' } })
  t.strictSame(ips, [{ address: '10.1.0.2/24' }], 'and so nothing of it is lost')
  t.throws(() => through('1.1.0', { cniVersion: 'x' }), { code: 'INPUT_UNREADABLE', message: /^prevResult: .*"x"/ })
})

import t from 'tap'
import { parseBasics, parseConfig } from './config.ts'
import { readDocument } from './document.ts'

const least = { cniVersion: '1.0.0', name: 'pods' }
const ipam = { type: 'podwire-ipam' }

t.test('reads what containerd writes: keys of any case', async t => {
  const config = parseConfig({
    ...least,
    ipam: { Type: 'podwire-ipam', Ranges: [[{ Subnet: '10.1.0.0/24', RANGESTART: '10.1.0.9' }]] },
    RuntimeConfig: {
      IPRanges: [[{ Subnet: '10.2.0.0/24', RangeEnd: '10.2.0.9', Gateway: '10.2.0.1' }]],
      DNS: { Servers: ['10.0.0.10'], Searches: ['a.b'], Options: ['ndots:5'] },
      Mac: 'c2:11:22:33:44:55',
      Ips: ['10.1.0.7'],
    },
  })
  t.match(config.ipam, { type: 'podwire-ipam', ranges: [[{ subnet: '10.1.0.0/24', rangeStart: '10.1.0.9' }]] })
  t.match(config.runtimeConfig, {
    ipRanges: [[{ subnet: '10.2.0.0/24', rangeEnd: '10.2.0.9', gateway: '10.2.0.1' }]],
    dns: { servers: ['10.0.0.10'], searches: ['a.b'], options: ['ndots:5'] },
    mac: 'c2:11:22:33:44:55',
    ips: ['10.1.0.7'],
  })
  t.match(parseBasics({ CNIVERSION: '0.3.1', NAME: 'a', IPAM: { TYPE: 'x', DATADIR: '/d' } }), {
    cniVersion: '0.3.1',
    name: 'a',
    ipam: { type: 'x', dataDir: '/d' },
  })
})

t.test('null is what is not there', async t => {
  const config = parseConfig({
    ...least,
    mtu: null,
    ipam: { type: 'x', routes: null, ranges: null },
    runtimeConfig: null,
  })
  t.equal(config.mtu, undefined)
  t.strictSame(config.ipam, ipam && { type: 'x' })
  t.equal(config.runtimeConfig, undefined)
  t.equal(parseConfig({ ...least, prevResult: null }).prevResult, undefined)
})

t.test('unknown keys are nobody’s business, capabilities neither', async t => {
  t.doesNotThrow(() =>
    parseConfig({ ...least, bridge: 7, capabilities: { mac: true }, args: { labels: [1], cni: { labels: [{}] } } }),
  )
})

t.test('prevResult stays as it came', async t => {
  const prevResult = { CniVersion: '1.0.0', ips: [{ Address: '10.1.0.2/32' }], more: null }
  t.strictSame(parseConfig({ ...least, prevResult }).prevResult, prevResult)
})

t.test('a known key of the wrong type is named, with what it should be and what it is', async t => {
  const wrong: [object | unknown[], string][] = [
    [{ mtu: '1500' }, 'mtu must be a number, but is the string "1500"'],
    [{ mtu: 1.5 }, 'mtu must be a whole number, but is the number 1.5'],
    [{ mtu: -1 }, 'mtu must be at least 0, but is the number -1'],
    [{ MTU: [] }, 'mtu must be a number, but is an array'],
    [{ ipMasq: 'true' }, 'ipMasq must be a boolean, but is the string "true"'],
    [{ ipam: 'host-local' }, 'ipam must be an object, but is the string "host-local"'],
    [{ ipam: {} }, 'ipam.type must be a string, but is missing'],
    [{ ipam: [ipam] }, 'ipam must be an object, but is an array'],
    [{ ipam: { ...ipam, ranges: {} } }, 'ipam.ranges must be an array, but is an object'],
    [{ ipam: { ...ipam, ranges: [{}] } }, 'ipam.ranges[0] must be an array, but is an object'],
    [{ ipam: { ...ipam, ranges: [[], [{}]] } }, 'ipam.ranges[1][0].subnet must be a string, but is missing'],
    [{ ipam: { ...ipam, ranges: [[null]] } }, 'ipam.ranges[0][0] must be an object, but is null'],
    [{ ipam: { ...ipam, routes: [{ gw: '1.1.1.1' }] } }, 'ipam.routes[0].dst must be a string, but is missing'],
    [
      { ipam: { ...ipam, routes: [{ dst: '::/0', mtu: 'x' }] } },
      'ipam.routes[0].mtu must be a number, but is the string "x"',
    ],
    [{ ipam: { ...ipam, dataDir: 5 } }, 'ipam.dataDir must be a string, but is the number 5'],
    [{ dns: { nameservers: '10.0.0.10' } }, 'dns.nameservers must be an array, but is the string "10.0.0.10"'],
    [
      { log: { file: '/l', level: 'loud' } },
      'log.level must be one of debug, info, warn, error, but is the string "loud"',
    ],
    [{ log: '/var/log/x' }, 'log must be an object, but is the string "/var/log/x"'],
    [{ statusOnExhaustion: true }, 'statusOnExhaustion must be one of error, ready, but is the boolean true'],
    [{ runtimeConfig: { Ips: '10.1.0.2' } }, 'runtimeConfig.ips must be an array, but is the string "10.1.0.2"'],
    [{ args: { cni: { ips: [1] } } }, 'args.cni.ips[0] must be a string, but is the number 1'],
  ]
  for (const [more, message] of wrong)
    t.throws(() => parseConfig({ ...least, ...more }), {
      code: 'CONFIG_INVALID',
      message: `network configuration: ${message}`,
    })
})

t.test('a document that is no object is told as such', async t => {
  const wrong: [unknown, string][] = [
    [[], 'an array'],
    ['text', 'the string "text"'],
    [7, 'the number 7'],
    [null, 'null'],
  ]
  for (const [document, what] of wrong)
    for (const parse of [parseConfig, parseBasics])
      t.throws(() => parse(document), {
        code: 'CONFIG_INVALID',
        message: `network configuration: the document must be an object, but is ${what}`,
      })
})

t.test('a network has a name of harmless characters, for it names directories', async t => {
  for (const parse of [parseConfig, parseBasics]) {
    t.throws(() => parse({}), { code: 'CONFIG_INVALID', message: /^missing network name/ })
    t.throws(() => parse({ name: '' }), { code: 'CONFIG_INVALID', message: /^missing network name/ })
    for (const name of ['../x', 'a/b', '.', 'a b', '-a'])
      t.throws(() => parse({ name }), {
        code: 'CONFIG_INVALID',
        message: 'invalid characters found in network name',
        details: name,
      })
  }
})

t.test('a missing version is the first one; a bad one is refused by every verb', async t => {
  t.equal(parseConfig({ name: 'a' }).cniVersion, '0.1.0')
  for (const parse of [parseConfig, parseBasics]) {
    t.throws(() => parse({ name: 'a', cniVersion: '3.0.0' }), { code: 'VERSION_UNSUPPORTED' })
    t.throws(() => parse({ name: 'a', cniVersion: 'one' }), { code: 'INPUT_UNREADABLE' })
    t.throws(() => parse({ name: 'a', cniVersion: 1 }), {
      code: 'CONFIG_INVALID',
      message: /cniVersion must be a string/,
    })
  }
})

t.test('DEL and GC take a config that ADD would refuse', async t => {
  const broken = {
    ...least,
    mtu: 'wide',
    ipMasq: 'yes',
    log: 5,
    ipam: { type: 'podwire-ipam', dataDir: '/d', ranges: 'none', routes: [5] },
    runtimeConfig: 'x',
    prevResult: 7,
    dns: [],
  }
  t.throws(() => parseConfig(broken))
  t.match(parseBasics(broken), { name: 'pods', ipam: { type: 'podwire-ipam', dataDir: '/d' }, log: undefined })
  t.equal(parseBasics({ ...least, ipam: 'x' }).ipam, undefined)
  t.equal(parseBasics({ ...least, ipam: { type: 5 } }).ipam, undefined)
})

t.test('stdin is one JSON document', async t => {
  t.strictSame(readDocument(' {"name":"a"}\n'), { name: 'a' })
  for (const text of ['', ' \n'])
    t.throws(() => readDocument(text), {
      code: 'INPUT_UNREADABLE',
      message: /^stdin is empty: a network configuration/,
    })
  for (const text of ['{"name":', 'name: a', '{} {}', '\0'])
    t.throws(() => readDocument(text), { code: 'INPUT_UNREADABLE', message: /^stdin is no JSON: / }, text)
})

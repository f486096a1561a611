import t from 'tap'
import { formatAddress, parseAddress } from '../ip/address.ts'
import { formatPrefix, parsePrefix } from '../ip/prefix.ts'
import type { ConfiguredRoute } from './config.ts'
import type { Lease } from './ipam.ts'
import { installed, ipamResult, podResult, podRoutes } from './link.ts'

function lease(prefixes: string[], routes: ConfiguredRoute[] = []): Lease {
  const addresses = prefixes.map(text => {
    const subnet = parsePrefix(text)
    return { address: subnet.address, subnet, gateway: undefined }
  })
  return { addresses, routes, dns: {} }
}

const written = (of: Lease) => podRoutes(of).map(({ destination, ...more }) => [formatPrefix(destination), more])
const destinations = (of: Lease) => podRoutes(of).map(({ destination }) => formatPrefix(destination))

t.test('the routes that are asked for, then the subnet of each address', async t => {
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }, { dst: '10.96.0.0/12', mtu: 1300 }]
  t.strictSame(destinations(lease(['10.1.0.2/24', 'fd00::2/64'], routes)).toSorted(), [
    '0.0.0.0/0',
    '10.1.0.0/24',
    '10.96.0.0/12',
    '::/0',
    'fd00::/64',
  ])
})

t.test('a route of a family that the pod lacks is left out', async t => {
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }]
  t.strictSame(destinations(lease(['10.1.0.2/24'], routes)), ['0.0.0.0/0', '10.1.0.0/24'])
  t.strictSame(destinations(lease(['fd00::2/64'], routes)), ['::/0', 'fd00::/64'])
})

t.test('an address without a subnet needs no route to itself', async t => {
  t.strictSame(destinations(lease(['10.1.0.2/32', 'fd00::2/128'])), [])
})

t.test('one destination is one route, the way it was first asked for', async t => {
  const routes = [
    { dst: '10.1.0.0/24', mtu: 1300 },
    { dst: '10.1.0.7/24', mtu: 1200 },
    { dst: '0.0.0.0/0' },
    { dst: '0.0.0.0/0', gw: '10.1.0.1' },
  ]
  t.strictSame(
    new Map(written(lease(['10.1.0.2/24', '10.1.0.3/24'], routes)) as [string, object][]),
    new Map<string, object>([
      ['10.1.0.0/24', { mtu: 1300 }],
      ['0.0.0.0/0', {}],
    ]),
  )
})

t.test('table and priority tell routes to one destination apart', async t => {
  const routes = [
    { dst: '0.0.0.0/0' },
    { dst: '0.0.0.0/0', table: 100 },
    { dst: '0.0.0.0/0', priority: 5 },
    { dst: '0.0.0.0/0', table: 100, priority: 5 },
  ]
  t.equal(podRoutes(lease(['10.1.0.2/32'], routes)).length, 4)
})

t.test('host bits of a destination are dropped, as the kernel would refuse them', async t => {
  t.strictSame(destinations(lease(['10.1.0.2/32'], [{ dst: '10.9.1.1/8' }])), ['10.0.0.0/8'])
})

t.test('a destination that is no prefix is told', async t => {
  for (const dst of ['default', '10.0.0.0', '10.0.0.0/33', ''])
    t.throws(() => podRoutes(lease(['10.1.0.2/32'], [{ dst }])), {
      code: 'CONFIG_INVALID',
      message: `ipam.routes: dst "${dst}" is no prefix: write one like "0.0.0.0/0"`,
    })
})

const names = { host: 'pw1', pod: 'eth0', netns: '/run/netns/a' }
const made = { hostMac: '02:00:00:00:00:01', podMac: '02:00:00:00:00:02', mtu: 1400 }

t.test('the result says what is installed: host lengths, our gateways, the host end first', async t => {
  const of = lease(['10.1.0.2/24', 'fd00::2/64'], [{ dst: '0.0.0.0/0', gw: '10.1.0.1', priority: 5 }, { dst: '::/0' }])
  t.strictSame(podResult(names, of, { ...made, routes: podRoutes(of) }, { domain: 'a' }), {
    interfaces: [
      { name: 'pw1', mac: '02:00:00:00:00:01', mtu: 1400 },
      { name: 'eth0', mac: '02:00:00:00:00:02', mtu: 1400, sandbox: '/run/netns/a' },
    ],
    ips: [
      { address: '10.1.0.2/32', gateway: '169.254.1.1', interface: 1 },
      { address: 'fd00::2/128', gateway: 'fe80::1', interface: 1 },
    ],
    routes: [
      { dst: '0.0.0.0/0', gw: '169.254.1.1', priority: 5 },
      { dst: '::/0', gw: 'fe80::1' },
      { dst: '10.1.0.0/24', gw: '169.254.1.1' },
      { dst: 'fd00::/64', gw: 'fe80::1' },
    ],
    dns: { domain: 'a' },
  })
})

t.test('the IPAM’s result says what is configured: the subnet’s length and gateway, no interfaces', async t => {
  const of: Lease = {
    addresses: [
      { address: parseAddress('10.1.0.2'), subnet: parsePrefix('10.1.0.0/24'), gateway: parseAddress('10.1.0.1') },
      { address: parseAddress('fd00::2'), subnet: parsePrefix('fd00::/64'), gateway: undefined },
    ],
    routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.9', mtu: undefined }],
    dns: { domain: 'a' },
  }
  t.strictSame(ipamResult(of), {
    interfaces: [],
    ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }, { address: 'fd00::2/64' }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.9' }],
    dns: { domain: 'a' },
  })
})

t.test('of a result that comes back, what is ours', async t => {
  const of = lease(['10.1.0.2/24', 'fd00::2/64'], [{ dst: '0.0.0.0/0' }])
  const ours = podResult(names, of, { ...made, routes: podRoutes(of) }, {})
  const chained = {
    ...ours,
    interfaces: [...ours.interfaces, { name: 'eth0', sandbox: '/run/netns/other' }],
    ips: [...ours.ips, { address: '192.0.2.1/24', interface: 2 }, { address: '192.0.2.2/24' }],
    routes: [...ours.routes, { dst: '192.0.2.0/24', gw: '192.0.2.1' }, { dst: '198.51.100.0/24' }],
  }
  const { addresses, routes } = installed(chained, 'eth0', '/run/netns/a')
  t.strictSame(addresses.map(formatAddress), ['10.1.0.2', 'fd00::2'])
  t.strictSame(
    routes.map(({ destination }) => formatPrefix(destination)).toSorted(),
    ['0.0.0.0/0', '10.1.0.0/24', 'fd00::/64'],
    'a route by another gateway was a later plugin’s',
  )
  t.strictSame(installed(chained, 'eth1', '/run/netns/a').addresses, [])
  t.strictSame(installed({ ...ours, interfaces: [] }, 'eth0', '/run/netns/a').addresses, [])
})

t.test('a prevResult that holds no addresses where they belong is the caller’s fault', async t => {
  const back = (more: object) =>
    installed({ interfaces: [{ name: 'eth0', sandbox: 'n' }], ips: [], routes: [], dns: {}, ...more }, 'eth0', 'n')
  t.throws(() => back({ ips: [{ address: '10.1.0.2', interface: 0 }] }), {
    code: 'CONFIG_INVALID',
    message: 'prevResult: invalid CIDR address: 10.1.0.2',
  })
  t.throws(() => back({ routes: [{ dst: 'default', gw: '169.254.1.1' }] }), { code: 'CONFIG_INVALID' })
  t.throws(() => back({ routes: [{ dst: '0.0.0.0/0', gw: 'x' }] }), {
    code: 'CONFIG_INVALID',
    message: 'prevResult: invalid IP address: x',
  })
})

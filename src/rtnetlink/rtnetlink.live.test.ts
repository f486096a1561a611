// Everything that one pod needs, asked of a real kernel by these tables, and read back.
import t from 'tap'
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/connection.ts'
import { Namespace } from '../netns/namespace.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import {
  address,
  blankAddress,
  IFA_F_NODAD,
  IFA_F_TENTATIVE,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_NEWADDR,
} from './address.ts'
import {
  blankLink,
  IFF_UP,
  IN6_ADDR_GEN_MODE_NONE,
  link,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_SETLINK,
} from './link.ts'
import { blankNeighbour, NUD_PERMANENT, neighbour, RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from './neighbour.ts'
import {
  blankRoute,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTNH_F_ONLINK,
  route,
} from './route.ts'

const CREATE = NLM_F_CREATE | NLM_F_EXCL
const AF_INET = 2
const AF_INET6 = 10
const OUR_PROTOCOL = 67
const hostMac = '02:00:00:00:00:01'
const podMac = '02:00:00:00:00:02'

t.test(`rtnetlink through ${backend()}`, needsRoot, async t => {
  using host = Namespace.open(throwAwayNamespace(t))
  using pod = Namespace.open(throwAwayNamespace(t))
  using onHost = host.connect()
  using inPod = pod.connect()
  const byName = (name: string) => ({ ...blankLink, attributes: { name } })

  await t.test('one message makes the pair: names, MACs, MTU, both namespaces', async t => {
    const peer = { ...blankLink, attributes: { name: 'eth0', address: podMac, mtu: 1450, netNsFd: pod.fd } }
    const pair = { name: 'pw0', address: hostMac, mtu: 1450, info: { kind: 'veth', data: { peer } } }
    onHost.request('add pw0', RTM_NEWLINK, CREATE, link, { ...blankLink, attributes: pair })
    const ours = onHost.get('look up pw0', RTM_GETLINK, link, byName('pw0'))
    const theirs = inPod.get('look up eth0', RTM_GETLINK, link, byName('eth0'))
    t.match(ours.attributes, { address: hostMac, mtu: 1450, info: { kind: 'veth' }, link: theirs.index })
    t.match(theirs.attributes, { address: podMac, mtu: 1450, info: { kind: 'veth' }, link: ours.index })
    t.type(ours.attributes.linkNetNsId, 'number')
  })

  const { index: hostIndex } = onHost.get('look up pw0', RTM_GETLINK, link, byName('pw0'))
  const { index: podIndex } = inPod.get('look up eth0', RTM_GETLINK, link, byName('eth0'))

  await t.test('a link is set: alias, group, no address of its own, up', async t => {
    const at = { ...blankLink, index: hostIndex }
    const attributes = { alias: 'default/web-0', group: 7 }
    onHost.request('set pw0', RTM_SETLINK, 0, link, { ...at, attributes })
    const none = { addressFamilies: { inet6: { addressGenerationMode: IN6_ADDR_GEN_MODE_NONE } } }
    for (const [connection, index] of [
      [onHost, hostIndex],
      [inPod, podIndex],
    ] as const) {
      connection.request('set', RTM_SETLINK, 0, link, { ...blankLink, index, attributes: none })
      connection.request('up', RTM_SETLINK, 0, link, {
        ...blankLink,
        index,
        flags: IFF_UP,
        change: IFF_UP,
        attributes: {},
      })
    }
    const found = onHost.get('look up pw0', RTM_GETLINK, link, { ...at, attributes: {} })
    t.equal(found.flags & IFF_UP, IFF_UP)
    t.match(found.attributes, { alias: 'default/web-0', group: 7, ...none })
    const own = inPod.dump('list addresses', RTM_GETADDR, address, {
      ...blankAddress,
      family: AF_INET6,
      attributes: {},
    })
    t.same(
      own.filter(item => item.index === podIndex),
      [],
      'no link-local address appeared',
    )
  })

  const addresses = [
    { family: AF_INET, prefixLength: 32, flags: 0, attributes: { local: '10.0.0.7', address: '10.0.0.7' } },
    { family: AF_INET6, prefixLength: 128, flags: IFA_F_NODAD, attributes: { local: 'fd00::7', address: 'fd00::7' } },
  ].map(part => ({ ...blankAddress, index: podIndex, ...part }))

  await t.test('addresses are there at once, none tentative', async t => {
    for (const value of addresses) inPod.request('add address', RTM_NEWADDR, CREATE, address, value)
    const found = inPod.dump('list', RTM_GETADDR, address, { ...blankAddress, index: podIndex, attributes: {} })
    t.same(
      found.map(item => item.attributes.address),
      ['10.0.0.7', 'fd00::7'],
    )
    t.same(
      found.filter(item => ((item.attributes.flags ?? 0) & IFA_F_TENTATIVE) !== 0),
      [],
    )
    t.throws(() => inPod.request('add address', RTM_NEWADDR, CREATE, address, addresses[0] ?? blank), {
      code: 'EEXIST',
    })
  })

  await t.test('neighbours are permanent', async t => {
    const linkLayerAddress = hostMac
    for (const [family, destination] of [
      [AF_INET, '169.254.1.1'],
      [AF_INET6, 'fe80::1'],
    ] as const) {
      const value = {
        ...blankNeighbour,
        family,
        index: podIndex,
        state: NUD_PERMANENT,
        attributes: { destination, linkLayerAddress },
      }
      inPod.request('add neighbour', RTM_NEWNEIGH, CREATE, neighbour, value)
    }
    const list = () =>
      inPod.dump('list', RTM_GETNEIGH, neighbour, { ...blankNeighbour, attributes: { interfaceIndex: podIndex } })
    const found = list().filter(item => item.state === NUD_PERMANENT)
    t.same(
      found.map(item => [item.attributes.destination, item.attributes.linkLayerAddress]),
      [
        ['169.254.1.1', hostMac],
        ['fe80::1', hostMac],
      ],
    )
    const gone = { ...blankNeighbour, family: AF_INET, index: podIndex, attributes: { destination: '169.254.1.1' } }
    inPod.request('delete neighbour', RTM_DELNEIGH, 0, neighbour, gone)
    t.notOk(list().some(item => item.attributes.destination === '169.254.1.1' && item.state === NUD_PERMANENT))
  })

  await t.test('default routes through the gateways, with source and MTU', async t => {
    for (const [family, gateway, preferredSource] of [
      [AF_INET, '169.254.1.1', '10.0.0.7'],
      [AF_INET6, 'fe80::1', 'fd00::7'],
    ] as const) {
      const fixed = {
        ...blankRoute,
        family,
        table: RT_TABLE_MAIN,
        protocol: OUR_PROTOCOL,
        type: RTN_UNICAST,
        flags: RTNH_F_ONLINK,
      }
      const attributes = {
        gateway,
        preferredSource,
        outputInterface: podIndex,
        metrics: { mtu: 1400, advertisedMss: 1360 },
      }
      inPod.request('add default route', RTM_NEWROUTE, CREATE, route, { ...fixed, attributes })
      const list = inPod.dump('list', RTM_GETROUTE, route, {
        ...blankRoute,
        family,
        protocol: OUR_PROTOCOL,
        attributes: {},
      })
      t.match(
        list,
        [{ destinationLength: 0, protocol: OUR_PROTOCOL, attributes }],
        `${gateway}, and no other: the kernel filters by protocol`,
      )
    }
  })

  await t.test('a host route is added, found by its interface, and deleted', async t => {
    const value = {
      ...blankRoute,
      family: AF_INET,
      destinationLength: 32,
      table: RT_TABLE_MAIN,
      protocol: OUR_PROTOCOL,
      scope: RT_SCOPE_LINK,
      type: RTN_UNICAST,
      attributes: { destination: '10.0.0.7', outputInterface: hostIndex },
    }
    const list = () =>
      onHost.dump('list', RTM_GETROUTE, route, {
        ...blankRoute,
        family: AF_INET,
        attributes: { outputInterface: hostIndex },
      })
    onHost.request('add route', RTM_NEWROUTE, CREATE, route, value)
    t.match(list(), [{ scope: RT_SCOPE_LINK, attributes: { destination: '10.0.0.7' } }])
    t.throws(() => onHost.request('add route', RTM_NEWROUTE, CREATE, route, value), { code: 'EEXIST' })
    onHost.request('delete route', RTM_DELROUTE, 0, route, value)
    t.same(list(), [])
  })

  await t.test('an address is deleted', async t => {
    for (const value of addresses) inPod.request('delete address', RTM_DELADDR, 0, address, value)
    t.same(inPod.dump('list', RTM_GETADDR, address, { ...blankAddress, index: podIndex, attributes: {} }), [])
  })

  await t.test('the pair goes with its group, both ends', async t => {
    onHost.request('delete group 7', RTM_DELLINK, 0, link, { ...blankLink, attributes: { group: 7 } })
    t.throws(() => onHost.get('look up pw0', RTM_GETLINK, link, byName('pw0')), { code: 'ENODEV' })
    t.throws(() => inPod.get('look up eth0', RTM_GETLINK, link, byName('eth0')), { code: 'ENODEV' })
  })
})

const blank = { ...blankAddress, attributes: {} }

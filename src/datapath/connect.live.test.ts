// Pods on a node of the test's own: what is there once connect returns, and that traffic flows at once.
import { release } from 'node:os'
import t, { type Test } from 'tap'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Namespace } from '../netns/namespace.ts'
import { blankLink, link, RTM_GETLINK } from '../rtnetlink/link.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { attempt, moveToThrowAwayNode, nodeAddresses, reaches, roundTripMs, run } from '../testing/throw-away-node.ts'
import { alone, noRules, plain } from './alone.ts'
import { KernelDatapath } from './datapath.ts'
import type { NewPodLink } from './pod-link.ts'

t.setTimeout(120_000)

const IF_OPER_UP = 6
const [major = 0, minor = 0] = release().split('.').map(Number)
const hearsAtOnce =
  major > 6 || (major === 6 && minor >= 9) ? {} : { skip: 'Linux before 6.9 hears of a carrier later' }

interface Wish extends Partial<Omit<NewPodLink, 'addresses' | 'routes'>> {
  readonly addresses: string[]
  readonly routes?: string[]
  readonly netns?: string
}

const all = ['0.0.0.0/0', '::/0']
const plainHeld = { addresses: [], rules: noRules }
let pods = 0

/** A pod of those addresses, gone with the test. */
function pod(t: Test, datapath: KernelDatapath, { addresses, routes, netns: path, ...more }: Wish) {
  const netns = path ?? throwAwayNamespace(t)
  using namespace = Namespace.open(netns)
  const own = addresses.map(parseAddress)
  const hostInterface = `pwtest${++pods}`
  t.teardown(() => datapath.disconnect(hostInterface, plainHeld))
  const usable = all.filter(route => own.some(({ family }) => route.includes(':') === (family === 6)))
  const made = datapath.connect(
    namespace,
    {
      hostInterface,
      interfaceName: 'eth0',
      alias: 'default/web',
      podMac: undefined,
      mtu: undefined,
      ...plain,
      ...more,
      addresses: own,
      routes: (routes ?? usable).map(text => ({ destination: parsePrefix(text) })),
    },
    alone,
  )
  return { ...made, netns, hostInterface, addresses }
}

interface Shown {
  readonly ifname: string
  readonly operstate: string
  readonly address: string
  readonly mtu: number
  readonly ifindex: number
  readonly addr_info: readonly {
    local: string
    prefixlen: number
    tentative?: boolean
    nodad?: boolean
    scope: string
  }[]
}

const shown = (name: string, netns?: string): Shown => JSON.parse(run(`ip -json address show dev ${name}`, netns))[0]
const addressesOf = ({ addr_info }: Shown) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`)
const routesOf = (netns: string) =>
  ['-4', '-6'].flatMap(family =>
    (JSON.parse(run(`ip ${family} -json route`, netns)) as { dst: string; gateway?: string; flags: string[] }[])
      .filter(({ gateway }) => gateway !== undefined)
      .map(({ dst, gateway, flags }) => `${dst} via ${gateway} ${flags.join(' ')}`),
  )

t.test('connect', needsRoot, async t => {
  moveToThrowAwayNode(t)
  const strict = ['all', 'default'].map(name => `net.ipv4.conf.${name}.rp_filter=1`)
  run(`sysctl -q -w ${strict.join(' ')}`)
  using datapath = new KernelDatapath()

  const kinds = { IPv4: ['10.1.0.2'], IPv6: ['fd00::2'], 'dual-stack': ['10.1.0.3', 'fd00::3'] }
  for (const [kind, addresses] of Object.entries(kinds)) {
    await t.test(`${kind}: the first packet is answered, from the pod and to it`, async t => {
      for (const first of ['pod', 'node']) {
        const took: number[] = []
        for (const _ of [1, 2, 3]) {
          const made = pod(t, datapath, { addresses })
          for (const address of addresses) {
            const ofNode = nodeAddresses[address.includes(':') ? 6 : 4]
            took.push(first === 'pod' ? roundTripMs(ofNode, made.netns) : roundTripMs(address))
            t.ok(first === 'pod' ? reaches(address) : reaches(ofNode, made.netns), `${first} first, then ${address}`)
          }
          datapath.disconnect(made.hostInterface, plainHeld)
        }
        t.ok(Math.max(...took) < 3000, `${first} first: ${took} ms`)
        // One of three, as this machine may be busy. Duplicate address detection would make each of them wait for a second.
        t.ok(Math.min(...took) < 500, 'nothing is waited for')
      }
    })

    await t.test(`${kind}: what is there`, async t => {
      const { netns, hostInterface, hostMac, podMac } = pod(t, datapath, { addresses })
      const inside = shown('eth0', netns)
      const outside = shown(hostInterface)
      const six = addresses.filter(address => address.includes(':'))
      const four = addresses.filter(address => !address.includes(':'))
      t.strictSame(
        addressesOf(inside).filter(text => !text.startsWith('fe80')),
        [...four.map(address => `${address}/32`), ...six.map(address => `${address}/128`)],
      )
      t.strictSame(
        addressesOf(outside).filter(text => six.length > 0 || !text.startsWith('fe80')),
        [...four.map(() => '169.254.1.1/32'), ...six.map(() => 'fe80::1/128')],
        'and no link-local of the kernel’s, which would wait',
      )
      t.match(inside, { operstate: 'UP', address: podMac })
      t.match(outside, { operstate: 'UP', address: hostMac })
      t.match(run(`ip link show dev ${hostInterface}`), /alias default\/web$/m)
      const waiting = [...inside.addr_info, ...outside.addr_info].filter(
        ({ local, tentative }) => tentative && (six.includes(local) || local === 'fe80::1'),
      )
      t.strictSame(waiting, [], 'no address of ours waits for duplicate address detection')
      t.strictSame(routesOf(netns), [
        ...four.map(() => 'default via 169.254.1.1 onlink'),
        ...six.map(() => 'default via fe80::1 onlink'),
      ])
      for (const address of addresses)
        t.match(run(`ip -${address.includes(':') ? 6 : 4} route show ${address}`), `dev ${hostInterface} proto 112`)
      const neighbours = run('ip neighbour show dev eth0 nud permanent', netns).trim().split('\n').toSorted()
      t.match(neighbours, [
        ...four.map(() => new RegExp(`^169.254.1.1 lladdr ${hostMac} PERMANENT`)),
        ...six.map(() => new RegExp(`^fe80::1 lladdr ${hostMac} (router )?PERMANENT`)),
      ])
      t.equal(run(`ip neighbour show dev ${hostInterface} nud permanent`), '', 'the node asks for pods')
      t.match(run('ip link show dev lo', netns), /LOOPBACK,UP/)
    })
  }

  await t.test('pods reach each other', async t => {
    const [one, other] = [
      pod(t, datapath, { addresses: ['10.1.0.10', 'fd00::10'] }),
      pod(t, datapath, { addresses: ['10.1.0.11', 'fd00::11'] }),
    ]
    for (const address of other.addresses) t.ok(reaches(address, one.netns), address)
    for (const address of one.addresses) t.ok(reaches(address, other.netns), address)
  })

  await t.test('one request makes the whole pair: no interface is ever seen half made', async t => {
    const netns = throwAwayNamespace(t)
    const { spawn } = await import('node:child_process')
    const monitor = spawn('stdbuf', ['-oL', 'nsenter', `--net=${netns}`, 'ip', 'monitor', 'link'])
    let seen = ''
    monitor.stdout.on('data', chunk => {
      seen += chunk
    })
    t.teardown(() => void monitor.kill())
    // The monitor listens once it tells of something.
    for (let i = 0; !seen.includes('UP'); i++) {
      run(`ip link set lo ${i % 2 ? 'down' : 'up'}`, netns)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    const before = seen.length
    const { podMac } = pod(t, datapath, { addresses: ['10.1.0.12'], netns, mtu: 1400 })
    run('ip link set lo down', netns)
    while (!/\blo:.*\n[^\n]*\n$/.test(seen.slice(before))) await new Promise(resolve => setTimeout(resolve, 20))
    const [first = ''] = seen
      .slice(before)
      .split(/\n(?=\d+: )/)
      .filter(text => /\beth0/.test(text))
    t.match(first, /eth0@.* mtu 1400 /)
    t.match(first, podMac)
  })

  await t.test('the node’s end has its carrier once connect returns', hearsAtOnce, async t => {
    using node = Namespace.current()
    using connection = node.connect()
    const netns = throwAwayNamespace(t)
    const states: unknown[] = []
    for (let i = 0; i < 30; i++) {
      const { hostInterface } = pod(t, datapath, {
        addresses: [`10.1.2.${i}`],
        routes: [],
        netns,
        interfaceName: `eth${i}`,
      })
      // A listing makes the kernel hear of nothing, unlike a question for one link.
      const links = connection.dump('list links', RTM_GETLINK, link, { ...blankLink, attributes: {} })
      states.push(links.find(({ attributes }) => attributes.name === hostInterface)?.attributes.operationalState)
    }
    t.strictSame(
      states.filter(state => state !== IF_OPER_UP),
      [],
    )
  })

  await t.test('the two ends have different indexes', async t => {
    for (const i of [1, 2, 3]) {
      const { netns, hostInterface } = pod(t, datapath, { addresses: [`10.1.1.${i}`] })
      t.not(shown('eth0', netns).ifindex, shown(hostInterface).ifindex)
    }
    // A namespace whose next index is the node's next one.
    const netns = throwAwayNamespace(t)
    run('ip link add probe type veth peer name eborp')
    const next = shown('probe').ifindex + 1
    run('ip link delete probe')
    run(`ip link add filler index ${next} type veth peer name rellif index ${next + 1}`, netns)
    const { hostInterface } = pod(t, datapath, { addresses: ['10.1.1.9'], netns })
    t.not(shown('eth0', netns).ifindex, shown(hostInterface).ifindex)
    t.ok(reaches('10.1.1.9'))
  })

  await t.test('MACs are ours, or the one that is asked for', async t => {
    const podMac = 'c2:11:22:33:44:55'
    const asked = pod(t, datapath, { addresses: ['10.1.0.20', 'fd00::20'], podMac })
    t.equal(shown('eth0', asked.netns).address, podMac)
    t.equal(asked.podMac, podMac)
    for (const address of asked.addresses) t.ok(reaches(address), address)
    const name = asked.hostInterface
    datapath.disconnect(name, plainHeld)
    const again = pod(t, datapath, { addresses: ['10.1.0.20'], hostInterface: name })
    t.equal(again.hostMac, asked.hostMac, 'the same name has the same MAC again')
  })

  await t.test('MTU: of both ends as configured, within what the kernel takes', async t => {
    for (const [mtu, expected] of [
      [1400, 1400],
      [20, 68],
      [100_000, 65_535],
    ] as const) {
      const { netns, hostInterface, mtu: told } = pod(t, datapath, { addresses: ['10.1.0.21'], mtu })
      t.strictSame([told, shown('eth0', netns).mtu, shown(hostInterface).mtu], [expected, expected, expected])
      datapath.disconnect(hostInterface, plainHeld)
    }
  })

  await t.test('an MTU that IPv6 cannot live with is refused, and nothing is made', async t => {
    t.throws(() => pod(t, datapath, { addresses: ['10.1.0.22', 'fd00::22'], mtu: 1279 }), {
      code: 'CONFIG_INVALID',
      message: /^mtu 1279 is too small: IPv6 needs at least 1280/,
    })
    t.equal(attempt(`ip link show pwtest${pods}`).code, 1)
    t.equal(pod(t, datapath, { addresses: ['fd00::22'], mtu: 1280 }).mtu, 1280)
    t.equal(pod(t, datapath, { addresses: ['10.1.0.22'], mtu: 1279 }).mtu, 1279)
  })

  await t.test('what a pod advertises is no route of the node’s', async t => {
    run('sysctl -q -w net.ipv6.conf.default.accept_ra=2')
    const { hostInterface } = pod(t, datapath, { addresses: ['fd00::23'] })
    t.equal(run(`sysctl -n net.ipv6.conf.${hostInterface}.accept_ra`).trim(), '0')
    run('sysctl -q -w net.ipv6.conf.default.accept_ra=1')
  })

  await t.test('a namespace made with IPv6 off gets it on its interface alone', async t => {
    const netns = throwAwayNamespace(t)
    run('sysctl -q -w net.ipv6.conf.default.disable_ipv6=1', netns)
    pod(t, datapath, { addresses: ['fd00::24'], netns })
    t.ok(reaches('fd00::24'))
    t.equal(run('sysctl -n net.ipv6.conf.default.disable_ipv6', netns).trim(), '1')
    const four = throwAwayNamespace(t)
    run('sysctl -q -w net.ipv6.conf.default.disable_ipv6=1', four)
    pod(t, datapath, { addresses: ['10.1.0.24'], netns: four })
    t.equal(run('sysctl -n net.ipv6.conf.eth0.disable_ipv6', four).trim(), '1', 'an IPv4 pod has no need of it')
  })

  await t.test('a pod without an IPv4 default route is reached by a node that it has no route to', async t => {
    const netns = throwAwayNamespace(t)
    run('sysctl -q -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1', netns)
    const { hostInterface, podMac } = pod(t, datapath, { addresses: ['10.1.0.25'], routes: ['198.51.100.1/32'], netns })
    t.match(run(`ip neighbour show dev ${hostInterface} nud permanent`), `10.1.0.25 lladdr ${podMac} PERMANENT`)
    t.ok(reaches('10.1.0.25'))
    const stranger = throwAwayNamespace(t)
    run('sysctl -q -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1', stranger)
    run('ip address add 192.0.2.77/32 dev lo')
    // No answer can come, as the pod has no way back; but the packet arrives, which needs no ARP that it would not answer.
    pod(t, datapath, { addresses: ['10.1.0.26'], routes: ['198.51.100.1/32'], netns: stranger })
    const received = () => Number(/Ip: \d+ \d+ (\d+)/.exec(run('cat /proc/net/snmp', stranger))?.[1])
    const before = received()
    attempt('ping -n -c 1 -W 0.1 -I 192.0.2.77 10.1.0.26')
    t.ok(received() > before)
    run('ip address delete 192.0.2.77/32 dev lo')
  })

  await t.test('two networks on one pod do not collide', async t => {
    const netns = throwAwayNamespace(t)
    const eth0 = pod(t, datapath, { addresses: ['10.1.0.30', 'fd00::30'], netns })
    const routes = ['10.2.0.0/16', 'fd02::/64']
    const net1 = pod(t, datapath, { addresses: ['10.2.0.30', 'fd02::30'], routes, netns, interfaceName: 'net1' })
    const peer = pod(t, datapath, { addresses: ['10.2.0.31', 'fd02::31'] })
    for (const address of eth0.addresses) t.ok(reaches(address), address)
    for (const address of net1.addresses) t.ok(reaches(address, peer.netns), address)
    for (const address of peer.addresses) t.ok(reaches(address, netns), address)
    t.match(run('ip route get 10.2.0.99', netns), /dev net1/)
    t.match(run('ip route get 10.9.0.99', netns), /dev eth0/)
    datapath.disconnect(net1.hostInterface, plainHeld)
    for (const address of eth0.addresses) t.ok(reaches(address), `${address} after the other is gone`)
  })

  await t.test('of two interfaces on one network the first keeps the routes, and both are there', async t => {
    const netns = throwAwayNamespace(t)
    const routes = ['0.0.0.0/0', '::/0', '10.1.0.0/16', 'fd00::/64']
    const eth0 = pod(t, datapath, { addresses: ['10.1.0.40', 'fd00::40'], routes, netns })
    const net1 = pod(t, datapath, { addresses: ['10.1.0.41', 'fd00::41'], routes, netns, interfaceName: 'net1' })
    t.same([eth0.routes.length, net1.routes.length], [4, 0])
    for (const address of eth0.addresses) t.ok(reaches(address), address)
    t.notMatch(run('ip -6 route', netns), /nexthop/, 'no route by two ways')
  })

  await t.test('a pod whose MAC is changed before its first packet, as tuning does, is reached', async t => {
    const { netns, addresses } = pod(t, datapath, { addresses: ['10.1.0.31', 'fd00::31'] })
    run('ip link set eth0 address c2:00:00:00:00:31', netns)
    for (const address of addresses) {
      t.ok(reaches(address), address)
      t.ok(reaches(nodeAddresses[address.includes(':') ? 6 : 4], netns), `from ${address}`)
    }
  })

  await t.test('routes with a metric, an MTU, a table of their own', async t => {
    const netns = throwAwayNamespace(t)
    using namespace = Namespace.open(netns)
    const destination = parsePrefix('10.96.0.0/12')
    t.teardown(() => datapath.disconnect('pwmore', plainHeld))
    datapath.connect(
      namespace,
      {
        hostInterface: 'pwmore',
        interfaceName: 'eth0',
        alias: 'x',
        podMac: undefined,
        mtu: undefined,
        addresses: [parseAddress('10.1.0.32')],
        routes: [
          { destination, mtu: 1300, advmss: 1200, priority: 7 },
          { destination, table: 100 },
          { destination, table: 1000, priority: 3 },
        ],
        ...plain,
      },
      alone,
    )
    t.match(run('ip route show 10.96.0.0/12', netns), /via 169.254.1.1 dev eth0 .*metric 7 onlink mtu 1300 advmss 1200/)
    t.match(run('ip route show table 100', netns), /10.96.0.0\/12 via 169.254.1.1 dev eth0/)
    t.match(run('ip route show table 1000', netns), /10.96.0.0\/12 via 169.254.1.1 dev eth0 .*metric 3/)
  })

  await t.test('a failure half way leaves nothing that disconnect does not take', async t => {
    const taken = pod(t, datapath, { addresses: ['10.1.0.33'] })
    const before = run('ip -o link')
    t.throws(() => pod(t, datapath, { addresses: ['10.1.0.34'], netns: taken.netns }), {
      code: 'KERNEL_REFUSED',
      message: /^create the pair pwtest\d+ and eth0: EEXIST/,
    })
    datapath.disconnect(`pwtest${pods}`, plainHeld)
    t.equal(run('ip -o link'), before)
    t.throws(() => pod(t, datapath, { addresses: ['10.1.0.33'] }), { code: 'KERNEL_REFUSED', message: /EEXIST/ })
    datapath.disconnect(`pwtest${pods}`, plainHeld)
    t.equal(run('ip -o link'), before)
    t.ok(reaches('10.1.0.33'), 'and whose address it is keeps it')
  })
})

// What a node without forwarding, with a router's advertisements, or without IPv6 becomes.
import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Namespace } from '../netns/namespace.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { moveToThrowAwayNode, reaches, run } from '../testing/throw-away-node.ts'
import { alone, plain } from './alone.ts'
import { KernelDatapath } from './datapath.ts'
import { isForwarding, turnOnForwarding } from './forwarding.ts'

t.setTimeout(120_000)

const sysctl = (name: string): string => run(`sysctl -n net.${name}`).trim()
const set = (name: string, value: number): void => void run(`sysctl -q -w net.${name}=${value}`)

t.test('forwarding', needsRoot, async t => {
  moveToThrowAwayNode(t)
  using node = Namespace.current()
  using datapath = new KernelDatapath()
  const connect = (netns: string, hostInterface: string, ...addresses: string[]) => {
    using namespace = Namespace.open(netns)
    const routes = [{ destination: parsePrefix('0.0.0.0/0') }].filter(() => addresses.some(text => !text.includes(':')))
    const link = {
      hostInterface,
      interfaceName: 'eth0',
      alias: '',
      podMac: undefined,
      mtu: undefined,
      routes,
      ...plain,
    }
    datapath.connect(namespace, { ...link, addresses: addresses.map(parseAddress) }, alone)
  }
  const off = () => {
    set('ipv4.ip_forward', 0)
    set('ipv6.conf.all.forwarding', 0)
  }

  await t.test('is turned on for the families that a pod has, and for no other', async t => {
    off()
    t.strictSame([isForwarding(node, 4), isForwarding(node, 6)], [false, false])
    connect(throwAwayNamespace(t), 'pw4', '10.1.0.2')
    t.strictSame([isForwarding(node, 4), isForwarding(node, 6)], [true, false])
    off()
    connect(throwAwayNamespace(t), 'pw6', 'fd00::2')
    t.strictSame([isForwarding(node, 4), isForwarding(node, 6)], [false, true])
    for (const name of ['pw4', 'pw6']) datapath.disconnect(name, undefined)
  })

  await t.test(
    'keeps the default route that a router advertised: accept_ra 1 becomes 2, nothing else changes',
    async t => {
      off()
      const values = { uplink: 1, static: 0, always: 2 }
      for (const [name, value] of Object.entries(values)) {
        run(`ip link add ${name} type veth peer name p${name}`)
        set(`ipv6.conf.${name}.accept_ra`, value)
      }
      run('ip link add link uplink name uplink.7 type macvlan')
      t.teardown(() => void Object.keys(values).map(name => run(`ip link delete ${name}`)))
      run('sysctl -q -w net/ipv6/conf/uplink.7/accept_ra=1')
      turnOnForwarding(node, 6)
      t.strictSame(
        Object.keys(values).map(name => sysctl(`ipv6.conf.${name}.accept_ra`)),
        ['2', '0', '2'],
      )
      t.equal(run('sysctl -n net/ipv6/conf/uplink.7/accept_ra').trim(), '2', 'of a name with a dot too')
      t.equal(sysctl('ipv6.conf.default.accept_ra'), '1', 'what comes later is not trusted beforehand')
    },
  )

  await t.test('where it is on already nothing is touched', async t => {
    set('ipv6.conf.all.forwarding', 1)
    run('ip link add uplink type veth peer name kniplu')
    t.teardown(() => void run('ip link delete uplink'))
    set('ipv6.conf.uplink.accept_ra', 1)
    turnOnForwarding(node, 6)
    t.equal(sysctl('ipv6.conf.uplink.accept_ra'), '1')
  })

  await t.test('on a node with IPv6 off an IPv4 pod works, and an IPv6 pod is told the way out', async t => {
    for (const name of ['all', 'default']) set(`ipv6.conf.${name}.disable_ipv6`, 1)
    t.teardown(() => ['all', 'default'].map(name => set(`ipv6.conf.${name}.disable_ipv6`, 0)))
    connect(throwAwayNamespace(t), 'pw4', '10.1.0.2')
    t.ok(reaches('10.1.0.2'))
    const before = run('ip -o link')
    t.throws(() => connect(throwAwayNamespace(t), 'pw6', '10.1.0.3', 'fd00::3'), {
      code: 'IPV6_DISABLED',
      message:
        /IPv6 is disabled on this device.*: turn IPv6 on \(sysctl net\.ipv6\.conf\.all\.disable_ipv6=0\), or take the IPv6 range out/,
    })
    datapath.disconnect('pw6', undefined)
    t.equal(run('ip -o link'), before)
    datapath.disconnect('pw4', undefined)
  })
})

// The MTU that pods get where the config names none.
import t from 'tap'
import { Connection } from '../netlink/connection.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { moveToThrowAwayNode, run } from '../testing/throw-away-node.ts'
import { clampedMtu, defaultMtu } from './mtu.ts'

t.test('what the kernel takes for an MTU', async t => {
  t.strictSame([0, 67, 68, 1500, 65_535, 65_536].map(clampedMtu), [68, 68, 68, 1500, 65_535, 65_535])
})

t.test('the default MTU', needsRoot, async t => {
  moveToThrowAwayNode(t)
  using connection = Connection.open()
  const link = (name: string, mtu: number, subnet: string): void => {
    run(`ip link add ${name} mtu ${mtu} type veth peer name p${name}`)
    run(`ip link set p${name} up`)
    run(`ip link set ${name} up`)
    run(`ip address add ${subnet} dev ${name} nodad`)
  }
  const set = (mtu: number, command: string, what: string): void => {
    run(command)
    t.equal(defaultMtu(connection), mtu, what)
  }
  t.equal(defaultMtu(connection), 1500, 'Ethernet’s where there is no default route')
  link('first', 1400, '198.18.0.2/24')
  link('second', 1350, 'fd01::2/64')
  link('third', 1380, '198.19.0.2/24')
  t.equal(defaultMtu(connection), 1500, 'an interface that is only there does not count')
  set(1350, 'ip -6 route add default via fd01::1 dev second', 'of the IPv6 default route where there is no other')
  set(1400, 'ip route add default via 198.18.0.1 dev first metric 10', 'of the IPv4 one where there is')
  set(1400, 'ip route add default via 198.19.0.1 dev third metric 20', 'of the one that is used')
  set(1380, 'ip link set first down', 'of the one that is left')
  set(1350, 'ip route replace unreachable default metric 1', 'one that leads nowhere is none')
  set(1350, 'ip route replace blackhole default metric 1', 'nor one that swallows')
  set(1500, 'ip -6 route replace default dev lo', 'loopback, of 65536, is never it')
})

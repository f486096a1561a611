// What goes through the tunnel is not tracked twice; what a pod sends to the same port is tracked as all else of it.
import { existsSync } from 'node:fs'
import t from 'tap'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { backend } from '../sys/libc.ts'
import { needsNft } from '../testing/nft.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { attempt, moveToThrowAwayNode, nodeAddresses, run } from '../testing/throw-away-node.ts'
import { linkGroup } from './node-table.ts'
import { publish } from './publish.ts'

const needs = existsSync('/usr/sbin/conntrack') ? needsNft : { skip: 'conntrack is missing: apt-get install conntrack' }

t.test(`the tunnel's port through ${backend()}`, needs, async t => {
  moveToThrowAwayNode(t)
  const pod = throwAwayNamespace(t)
  const rules = { isAntiSpoofed: true, ports: [] }
  run(`ip link add pwtest0 group ${linkGroup(rules)} type veth peer name eth0 netns ${pod.split('/')[2]}`)
  run('ip link set pwtest0 up')
  run('ip route add 10.1.0.1 dev pwtest0')
  run('ip address add 10.1.0.1/32 dev eth0', pod)
  run('ip link set eth0 up', pod)
  run('ip route add default dev eth0', pod)
  using connection = Connection.open(NETLINK_NETFILTER)
  publish(connection, { hostInterface: 'pwtest0', addresses: [], rules }, { all: () => [], holder: () => 'nobody' })

  const say = (port: number, from?: string) =>
    attempt(`socat -u FILE:/etc/hostname UDP4-SENDTO:${nodeAddresses[4]}:${port}`, from)
  for (const port of [4788, 4789, 4790]) say(port)
  for (const port of [4789, 4791]) say(port, pod)
  const flows = run('conntrack --dump --proto udp').matchAll(/ src=([\d.]+) .*? dport=(\d+) .* src=/g)
  t.strictSame(Array.from(flows, ([, from, port]) => `${from} to ${port}`).toSorted(), [
    '10.1.0.1 to 4789',
    '10.1.0.1 to 4791',
    '198.51.100.1 to 4788',
    '198.51.100.1 to 4790',
  ])
})

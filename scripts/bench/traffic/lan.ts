// Two nodes and what is between them: one LAN, or two with a router. All names and addresses are the same for every pair.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Node } from '../node.ts'

export type Way = 'direct' | 'vxlan'

/** What else is on the nodes: nothing, or the rules that kube-proxy has on every node of a cluster. */
export type Besides = 'nothing' | 'kube-proxy'

export interface Place {
  readonly node: Node
  readonly name: string
  /** Its own addresses, its podCIDRs, and the first of each, which no pod has. */
  readonly addresses: Readonly<Record<Family, string>>
  readonly podCidrs: Readonly<Record<Family, string>>
  readonly first: Readonly<Record<Family, string>>
}

export type Family = 4 | 6
export const families: readonly Family[] = [4, 6]

// Strict rp_filter, as on kind; and an address can be used at once. What a connection leaves is forgotten within a second, so that none meets what an earlier one left.
const likeANode = `mount -t tmpfs run /run
mkdir /run/netns
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.{all,default}.rp_filter=1 net.ipv6.conf.{all,default}.accept_dad=0
sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_close=1
ip link set lo up`

// What is only switched no rules should see, whether br_netfilter is loaded or not.
const plainBridge = 'if [ -e /proc/sys/net/bridge ]; then sysctl -qw net.bridge.bridge-nf-call-ip{,6}tables=0; fi'

const lans = { 1: { v4: '192.0.2', v6: '2001:db8:1:' }, 2: { v4: '198.51.100', v6: '2001:db8:2:' } } as const
type Lan = keyof typeof lans

/** As each way is meant for. */
export function twoNodes(way: Way, besides: Besides): readonly [Place, Place] {
  const router = new Node(`${likeANode}
${plainBridge}
${Object.entries(lans)
  .map(
    ([lan, { v4, v6 }]) => `ip link add lan${lan} type bridge
ip address add ${v4}.254/24 dev lan${lan}
ip address add ${v6}:fe/64 dev lan${lan}
ip link set lan${lan} up`,
  )
  .join('\n')}`)
  const both = [place(router, 1, 1), place(router, 2, way === 'direct' ? 1 : 2)] as const
  if (besides === 'kube-proxy') for (const { node } of both) addKubeProxyRules(node)
  return both
}

function addKubeProxyRules(node: Node): void {
  const ipv4 = readFileSync(join(import.meta.dirname, 'kube-proxy.nft'), 'utf8')
  const ipv6 = ipv4
    .replace('table ip ', 'table ip6 ')
    .replaceAll('ipv4_addr', 'ipv6_addr')
    .replaceAll('ip daddr', 'ip6 daddr')
  node.run(['nft', '-f', '-'], ipv4 + ipv6)
}

function place(router: Node, number: number, lan: Lan): Place {
  const { v4, v6 } = lans[lan]
  const node = new Node(likeANode)
  const addresses = { 4: `${v4}.${number}`, 6: `${v6}:${number}` }
  node.run(['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `to-${number}`, 'netns', router.pid])
  router.run(['ip', 'link', 'set', `to-${number}`, 'master', `lan${lan}`, 'up'])
  shell(
    node,
    `ip link set eth0 up
    ip address add ${addresses[4]}/24 dev eth0
    ip address add ${addresses[6]}/64 dev eth0
    ip route add default via ${v4}.254
    ip -6 route add default via ${v6}:fe`,
  )
  const first = { 4: `10.244.${number}.0`, 6: `fd00:10:244:${number}::` }
  const podCidrs = { 4: `${first[4]}/24`, 6: `${first[6]}/64` }
  return { node, name: `node${number}`, addresses, podCidrs, first }
}

export const shell = (node: Node, script: string): string => node.run(['bash', '-euc', script])

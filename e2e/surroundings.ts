// What lies around the throw-away host: a neighbour on its network, who has no route to pods, and a server that is reached through it.
import type { Host } from './host.ts'
import { Pod } from './pod.ts'

/** The host's own addresses where the neighbour is, two of each family. */
export const nodeAddresses = ['192.0.2.1', '192.0.2.9', '2001:db8:1::1', '2001:db8:1::9'] as const

export const outsideAddresses = ['192.0.2.2', '2001:db8:1::2'] as const
export const beyondAddresses = ['203.0.113.2', '2001:db8:2::2'] as const

/** Its addresses where the server is. */
export const farNodeAddresses = ['203.0.113.1', '2001:db8:2::1'] as const

// Without duplicate address detection, which would hold neighbour discovery back for a second or two.
const joined = (name: string, near: readonly string[], far: readonly string[]) => `
ip netns add ${name}
ip link add ${name} type veth peer name eth0 netns ${name}
echo 0 >/proc/sys/net/ipv6/conf/${name}/accept_dad
ip netns exec ${name} sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad; ip link set lo up; ip link set eth0 up'
ip link set ${name} up
${near.map(address => `ip address add ${withLength(address)} dev ${name}`).join('\n')}
${far.map(address => `ip -n ${name} address add ${withLength(address)} dev eth0`).join('\n')}`

const withLength = (address: string): string => `${address}/${address.includes(':') ? 64 : 24}`

export interface Surroundings {
  readonly outside: Pod
  readonly beyond: Pod
}

export function surround(host: Host): Surroundings {
  host.shell(`
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
${joined('outside', nodeAddresses, outsideAddresses)}
${joined('beyond', farNodeAddresses, beyondAddresses)}
ip -n outside route add 203.0.113.0/24 via 192.0.2.1
ip -n outside route add 2001:db8:2::/64 via 2001:db8:1::1
ip -n beyond route add default via 203.0.113.1
ip -n beyond route add default via 2001:db8:2::1`)
  return { outside: new Pod(host, '/run/netns/outside'), beyond: new Pod(host, '/run/netns/beyond') }
}

// A pod on each of two nodes, by either side: ours with an agent's routes, or the reference ptp with routes that somebody wrote.
import { readFileSync, writeFileSync } from 'node:fs'
import { callOf, type Network } from '../networks.ts'
import type { Node } from '../node.ts'
import { dist, reference } from '../programs.ts'
import { type Besides, type Family, families, type Place, shell, twoNodes, type Way } from './lan.ts'

export interface End {
  /** The pod's namespace, from where the bench is. */
  readonly namespace: string
  readonly addresses: Readonly<Record<Family, string>>
}

export interface Side {
  readonly server: End
  readonly client: End
  readonly mtu: number
}

const PATIENCE_S = 10

/** The agent as a manifest starts it, but for its mode where there is a tunnel. */
export function podwireSide(way: Way, besides: Besides): Side {
  const [one, two] = twoNodes(way, besides)
  const list = [one, two].map(({ name, addresses, podCidrs }) => ({
    name,
    addresses: Object.values(addresses),
    podCIDRs: Object.values(podCidrs),
  }))
  for (const { node, name } of [one, two]) {
    writeFileSync(inside(node, '/run/nodes.json'), JSON.stringify(list))
    const flags = `--node ${name} --nodes /run/nodes.json --conflist /run/conflist ${way === 'vxlan' ? '--mode vxlan' : ''}`
    shell(
      node,
      `${dist}/podwire agent ${flags} --cluster-cidr 10.244.0.0/16,fd00:10:244::/48 >/run/log 2>&1 </dev/null &`,
    )
  }
  for (const { node } of [one, two])
    waitFor(node, 'test -e /run/conflist && ip -6 route show proto 113 | grep -qv unreachable')
  return connected(one, two, ({ node }) => {
    const { plugins, cniVersion, name } = JSON.parse(readFileSync(inside(node, '/run/conflist'), 'utf8'))
    return { folder: dist, config: { cniVersion, name, ...plugins[0] } }
  })
}

/** Pods of ptp with that MTU; between nodes routes, or a VXLAN, as `ip` makes them. */
export function referenceSide(way: Way, besides: Besides, mtu: number): Side {
  const [one, two] = twoNodes(way, besides)
  for (const [here, there] of [
    [one, two],
    [two, one],
  ] as const)
    shell(here.node, way === 'direct' ? routes(there) : tunnel(here, there))
  return connected(one, two, ({ podCidrs }) => ({
    folder: reference,
    config: {
      cniVersion: '1.0.0',
      name: 'pods',
      type: 'ptp',
      mtu,
      ipam: {
        type: 'host-local',
        dataDir: '/run/ipam',
        ranges: families.map(family => [{ subnet: podCidrs[family] }]),
        routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
      },
    },
  }))
}

const routes = ({ addresses, podCidrs }: Place): string =>
  families.map(family => `ip -${family} route add ${podCidrs[family]} via ${addresses[family]}`).join('\n')

/** Numbers, MTU and learning as podwire's: the same packets. */
const tunnel = (here: Place, there: Place): string => `
ip link add vxlan0 mtu 1450 address ${macOf(here)} type vxlan id 7963 local ${here.addresses[4]} dstport 4789 nolearning
ip address add ${here.first[4]}/32 dev vxlan0
ip address add ${here.first[6]}/128 dev vxlan0
ip link set vxlan0 up
bridge fdb append ${macOf(there)} dev vxlan0 dst ${there.addresses[4]}
${families
  .map(
    family => `ip neighbour add ${there.first[family]} lladdr ${macOf(there)} dev vxlan0 nud permanent
ip -${family} route add ${there.podCidrs[family]} via ${there.first[family]} dev vxlan0 onlink src ${here.first[family]}`,
  )
  .join('\n')}`

const macOf = ({ name }: Place): string => `02:00:00:00:00:0${name.at(-1)}`

function connected(one: Place, two: Place, networkOf: (place: Place) => Network): Side {
  const [client, server] = [one, two].map(place => pod(place.node, networkOf(place))) as [End, End]
  for (const [family, address] of Object.entries(server.addresses))
    waitFor(one.node, `nsenter --net=/run/netns/pod ping -${family} -n -c 1 -W 1 ${address}`)
  const [link] = JSON.parse(shell(one.node, 'nsenter --net=/run/netns/pod ip -json link show eth0')) as {
    mtu: number
  }[]
  return { server, client, mtu: link?.mtu ?? 0 }
}

function pod(node: Node, network: Network): End {
  shell(node, 'touch /run/netns/pod; unshare --net=/run/netns/pod ip link set lo up')
  const { program, env, stdin } = callOf(network, 'ADD', 'pod')
  const { ips } = JSON.parse(node.run([program], JSON.stringify(stdin), env)) as { ips: { address: string }[] }
  const [v4 = '', v6 = ''] = ips.map(({ address }) => address.replace(/\/.*/, ''))
  return { namespace: inside(node, '/run/netns/pod'), addresses: { 4: v4, 6: v6 } }
}

const inside = ({ pid }: Node, path: string): string => `/proc/${pid}/root${path}`

/** Says on stderr what it waited for in vain. */
function waitFor(node: Node, command: string): void {
  const tries = PATIENCE_S * 20
  shell(
    node,
    `for ((i = 0; i < ${tries}; i++)); do if ${command} >/dev/null 2>&1; then exit; fi; sleep 0.05; done; ${command}; cat /run/log; exit 1`,
  )
}

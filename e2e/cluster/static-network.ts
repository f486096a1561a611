// Until the agent is there: a conflist on each node, and routes between nodes on one LAN. The harness does here what podwire should.
import { dist } from '../tools.ts'
import { lanSubnets, podSubnets } from './address-plan.ts'
import type { Cluster, Node } from './cluster.ts'

export async function useStaticNetwork(cluster: Cluster): Promise<void> {
  const cidrs = new Map<Node, string[]>()
  for (const node of cluster.nodes) {
    const said = await cluster.kubectl(['get', 'node', node.name, '-o', 'jsonpath={.spec.podCIDRs}'])
    cidrs.set(node, JSON.parse(said) as string[])
  }
  for (const [node, own] of cidrs) {
    node.shell(`cp -a ${dist}/podwire ${dist}/podwire-ipam ${dist}/podwire.d /opt/cni/bin/
      cat >/etc/cni/net.d/.new <<'END'
${JSON.stringify(conflist(own, [...podSubnets(cluster.families), ...lanSubnets(cluster.families)]))}
END
      mv /etc/cni/net.d/.new /etc/cni/net.d/10-podwire.conflist`)
    for (const [other, theirs] of cidrs) if (other !== node) addRoutes(node, other, theirs)
  }
}

function addRoutes(node: Node, other: Node, cidrs: readonly string[]): void {
  const family = (address: string) => (address.includes(':') ? '-6' : '-4')
  for (const cidr of cidrs) {
    const gateway = other.addresses.find(address => family(address) === family(cidr)) ?? ''
    node.run('ip', [family(cidr), 'route', 'replace', cidr, 'via', gateway])
  }
}

const conflist = (cidrs: readonly string[], except: readonly string[]) => ({
  cniVersion: '1.0.0',
  cniVersions: ['1.0.0', '1.1.0'],
  name: 'pods',
  plugins: [
    {
      type: 'podwire',
      ipMasq: true,
      masquerade: { except },
      capabilities: { portMappings: true, bandwidth: true },
      ipam: {
        type: 'podwire-ipam',
        ranges: cidrs.map(subnet => [{ subnet }]),
        routes: cidrs.map(cidr => ({ dst: cidr.includes(':') ? '::/0' : '0.0.0.0/0' })),
      },
    },
  ],
})

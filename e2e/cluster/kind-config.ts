// What kind is told to make: the repository's kind-config.yaml with another number of nodes and other families. Pure.
import { podSubnets, serviceSubnets } from './address-plan.ts'
import type { Families } from './cluster.ts'

const word = { IPv4: 'ipv4', IPv6: 'ipv6', 'dual-stack': 'dual' }

export const kindConfig = (nodes: number, families: Families, proxyMode: 'nftables' | 'iptables') => ({
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  networking: {
    ipFamily: word[families],
    disableDefaultCNI: true,
    kubeProxyMode: proxyMode,
    podSubnet: podSubnets(families).join(),
    serviceSubnet: serviceSubnets(families).join(),
  },
  nodes: Array.from({ length: nodes }, (_, index) => ({ role: index === 0 ? 'control-plane' : 'worker' })),
})

// The networks that a node's containerd is given for the benchmark of pods: what podwire's agent writes, and the reference's usual chain.
import { conflist as agentConflist } from '../../../src/agent/conflist.ts'
import { parsePrefix } from '../../../src/ip/prefix.ts'

const subnets = { IPv4: ['10.244.1.0/24'], 'dual-stack': ['10.244.1.0/24', 'fd00:10:244:1::/64'] } as const
export type Family = keyof typeof subnets
export const families = Object.keys(subnets) as Family[]

/** Pods are not masqueraded, as ptp's are not; host ports are what a pod may ask for, in either. */
export const networks: Readonly<Record<'podwire' | 'reference', (family: Family) => object>> = {
  podwire(family) {
    const list = JSON.parse(agentConflist({ podCidrs: subnets[family].map(parsePrefix), agentFile: '' }))
    for (const plugin of list.plugins) delete plugin.agent
    return list
  },
  reference: family => ({
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        ipam: {
          type: 'host-local',
          dataDir: '/run/host-local',
          ranges: subnets[family].map(subnet => [{ subnet }]),
          routes: subnets[family].map(subnet => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' })),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }),
}

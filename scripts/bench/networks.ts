// The networks that are compared: the same ranges, ours and the reference plugins'.
import { join } from 'node:path'
import type { Call } from './spawn.ts'

const subnets = { IPv4: ['10.0.0.0/8'], 'dual-stack': ['10.0.0.0/8', 'fd00:10:244:1::/64'] }
const defaultRoutes = { IPv4: ['0.0.0.0/0'], 'dual-stack': ['0.0.0.0/0', '::/0'] }

export type Family = keyof typeof subnets
export const families = Object.keys(subnets) as Family[]

const dataDir = '/run/bench'

export function ipam(family: Family, type: 'podwire-ipam' | 'host-local') {
  const ranges = subnets[family].map(subnet => [{ subnet }])
  return { type, dataDir, ranges, routes: defaultRoutes[family].map(dst => ({ dst })) }
}

export interface Network {
  readonly folder: string
  readonly config: { readonly name: string; readonly type: string; readonly [key: string]: unknown }
}

export const networkFolder = ({ config }: Network): string => join(dataDir, config.name)

export const ours = (folder: string, family: Family, name = `ours-${family}`): Network => ({
  folder,
  config: { cniVersion: '1.0.0', name, type: 'podwire', ipam: ipam(family, 'podwire-ipam') },
})

export const ptp = (folder: string, family: Family): Network => ({
  folder,
  config: { cniVersion: '1.0.0', name: `ptp-${family}`, type: 'ptp', ipam: ipam(family, 'host-local') },
})

export const bridge = (folder: string, family: Family): Network => ({
  folder,
  config: {
    cniVersion: '1.0.0',
    name: `bridge-${family}`,
    type: 'bridge',
    bridge: family === 'IPv4' ? 'bench4' : 'bench46',
    isGateway: true,
    ipam: ipam(family, 'host-local'),
  },
})

/** A network of IPAM alone: the plugin is called as a delegate is. */
export const ipamAlone = (folder: string, type: 'podwire-ipam' | 'host-local', name: string): Network => ({
  folder,
  config: { cniVersion: '1.0.0', name, type, ipam: ipam('IPv4', type) },
})

export function callOf({ folder, config }: Network, command: string, pod: string): Call {
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    CNI_COMMAND: command,
    CNI_CONTAINERID: pod,
    CNI_NETNS: `/run/netns/${pod}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: folder,
  }
  return { program: join(folder, config.type), env, stdin: config }
}

// Parts that write down what is asked of them: for the tests of the verbs. The records are real files.

import type { Datapath } from '../datapath/datapath.ts'
import type { NewPodLink, PodLink } from '../datapath/pod-link.ts'
import type { PodRules } from '../datapath/pod-rules.ts'
import { formatAddress, parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Records } from '../records/records.ts'
import { type Ipam, type Lease, type Owner, ownerKey } from './ipam.ts'
import type { Parts } from './parts.ts'

export interface World {
  /** Where the records are. */
  readonly directory: string
  /** The node's interfaces, as connect and disconnect leave them. */
  readonly links: Set<string>
  /** The host ends that the node's table has something for. */
  readonly published: Set<string>
  /** The interfaces in whatever namespace is asked for. */
  readonly podInterfaces: Set<string>
  /** What CHECK finds wrong. */
  readonly wrong: string[]
  /** What fails, by the name of the call. */
  readonly faults: Record<string, Error>
  /** undefined: the addresses are a delegate's. */
  readonly dataDir: string | undefined
  readonly lease: Lease
}

export const lease: Lease = {
  addresses: [
    { address: parseAddress('10.1.0.2'), subnet: parsePrefix('10.1.0.0/24'), gateway: parseAddress('10.1.0.1') },
  ],
  routes: [{ dst: '0.0.0.0/0' }],
  dns: { nameservers: ['10.0.0.10'] },
}

export function recordedParts(given: Partial<World> & Pick<World, 'directory'>) {
  const world: World = {
    links: new Set(),
    published: new Set(),
    podInterfaces: new Set(),
    wrong: [],
    faults: {},
    dataDir: '/data',
    lease,
    ...given,
  }
  const calls: string[] = []
  const fields: object[] = []
  const warnings: string[] = []
  const said = (call: string, ...what: readonly unknown[]): void => {
    calls.push([call, ...what].join(' '))
    const fault = world.faults[call]
    if (fault !== undefined) throw fault
  }
  const records = new Records(world.directory)
  const parts: Parts = {
    datapath: recordedDatapath(world, said),
    records,
    ipam: recordedIpam(world, said, world.dataDir),
    ipamAt: dataDir => recordedIpam(world, (call, ...what) => said(call, `at ${dataDir}`, ...what), dataDir),
    log: {
      add: more => void fields.push(more),
      warn: message => void warnings.push(message),
      phase: () => {},
    },
  }
  return { parts, calls, fields, warnings, world, records }
}

type Said = (call: string, ...what: readonly unknown[]) => void

const isPlain = ({ isAntiSpoofed, masqueradeExcept, ports }: PodRules): boolean =>
  isAntiSpoofed && masqueradeExcept === undefined && ports.length === 0

function recordedDatapath({ links, published, podInterfaces, wrong }: World, said: Said): Datapath {
  const describe = ({ hostInterface, interfaceName, addresses, routes, rules, bandwidth }: PodLink): string[] => [
    `${hostInterface}-${interfaceName}`,
    addresses.map(formatAddress).join(','),
    `${routes.length} routes`,
    ...(isPlain(rules) ? [] : [JSON.stringify(rules)]),
    ...(bandwidth ? [JSON.stringify(bandwidth)] : []),
  ]
  return {
    connect(_netns, link: NewPodLink) {
      links.add(link.hostInterface)
      said('connect', ...describe(link), `alias ${link.alias}`, `mac ${link.podMac}`, `mtu ${link.mtu}`)
      return { hostMac: '02:00:00:00:00:01', podMac: '02:00:00:00:00:02', mtu: 1400, routes: link.routes }
    },
    disconnect(hostInterface, held) {
      said('disconnect', hostInterface, ...(held?.rules.ports.length ? [JSON.stringify(held.rules.ports)] : []))
      links.delete(hostInterface)
      published.delete(hostInterface)
    },
    check(_netns, link) {
      said('check-link', ...describe(link))
      return wrong
    },
    hasInterface: (_netns, name) => podInterfaces.has(name),
    hasHostInterface: name => links.has(name),
    hostInterfaces: prefix => Array.from(links).filter(name => name.startsWith(prefix)),
    publishedInterfaces: prefix => Array.from(published).filter(name => name.startsWith(prefix)),
    liveAddresses: () => new Set(),
  }
}

function recordedIpam({ lease }: World, said: Said, dataDir: string | undefined): Ipam {
  const texts = lease.addresses.map(({ address }) => formatAddress(address))
  return {
    dataDir,
    async allocate(owner, intend, held = []) {
      intend(dataDir === undefined ? [] : texts)
      said('allocate', ownerKey(owner), ...(held.length > 0 ? [`held ${held}`] : []))
      return lease
    },
    async release(owner, addresses) {
      said('release', ownerKey(owner), addresses ?? 'all')
    },
    async check(owner, addresses, leased) {
      said('check', ownerKey(owner), addresses, ...(leased ? [JSON.stringify(leased)] : []))
    },
    async collect(valid: readonly Owner[], mayRelease) {
      const stale: Owner = { containerId: 'stale', interfaceName: 'eth0' }
      said('collect', `valid [${valid.map(ownerKey)}]`, `may release stale: ${mayRelease(stale)}`)
    },
    async status() {
      said('status')
    },
  }
}

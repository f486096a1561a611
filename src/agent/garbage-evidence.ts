// What there is to see of pods on the node: records, namespaces, interfaces, reservations. Changes nothing.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Datapath } from '../datapath/datapath.ts'
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { formatAddress } from '../ip/address.ts'
import { Directory } from '../ipam/directory.ts'
import { Namespace } from '../netns/namespace.ts'
import { hasCode, Problem } from '../problem.ts'
import type { Attachment } from '../records/attachment.ts'
import { Records } from '../records/records.ts'
import type { Ages } from './ages.ts'
import type { Evidence, LeftoverEvidence, RecordEvidence, ReservationEvidence, Sight } from './garbage.ts'

/** What host ends of every network begin with. */
const PREFIX = 'pw'

export interface Places {
  /** /run/podwire */
  readonly runDir: string
  /** Directories of networks' directories that are ours alone, besides the one below `runDir`. */
  readonly dataDirs?: readonly string[]
}

export const recordsDirectory = ({ runDir }: Places): string => `${runDir}/attachments`
export const poolDirectory = (dataDir: string, network: string): string => `${dataDir}/${network}`

export function garbageEvidence(places: Places, datapath: Datapath, ages: Ages): Evidence {
  // Before the records: what is without one then was so at one moment.
  const leftovers = leftoverNames(datapath)
  const reserved = poolDirectories(places).flatMap(reservationsIn)
  const records = new Records(recordsDirectory(places)).list('')
  const named = new Set(
    records.flatMap(([, record]) =>
      record?.dataDir === undefined
        ? []
        : record.addresses.map(address => `${poolDirectory(record.dataDir ?? '', record.network)}/${address}`),
    ),
  )
  const recordNames = new Set(records.map(([name]) => name))
  let live: ReadonlySet<string> | undefined
  return {
    records: records.flatMap(([name, record]) => recordEvidence({ places, datapath, ages }, name, record)),
    reservations: reserved
      .filter(({ path }) => !named.has(path))
      .flatMap(({ directory, name, address }) =>
        reservationEvidence({ datapath, ages, recordNames }, directory, { name, address }),
      ),
    leftovers: leftovers.map(leftover => ({
      ...leftover,
      hasHostInterface: datapath.hasHostInterface(leftover.name),
      hasRecord: recordNames.has(leftover.name),
    })),
    liveAddresses: () => {
      live ??= datapath.liveAddresses()
      return live
    },
  }
}

/** Of a record as it is written now; undefined where there is none. */
export function recordStamp(places: Places, name: string): string | undefined {
  const file = `${recordsDirectory(places)}/${name}`
  return stampOf(file) ?? stampOf(`${file}.new`)
}

/** Of a file as it is written now. */
export function stampOf(file: string): string | undefined {
  try {
    const { ino, mtimeNs } = statSync(file, { bigint: true })
    return `${ino} ${mtimeNs}`
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

/** Runtimes say /var/run, which leads to /run where it leads anywhere; the agent's container has only that. */
export function sightOf(netns: string): Sight {
  const [, rest] = /^\/var(\/run\/.*)$/.exec(netns) ?? []
  const sights = [netns, ...(rest === undefined ? [] : [rest])].map(sightAt)
  if (sights.includes('there')) return 'there'
  return sights.includes('gone') && !sights.includes('mere file') ? 'gone' : 'out of sight'
}

function sightAt(path: string): Sight | 'mere file' {
  try {
    Namespace.open(path)[Symbol.dispose]()
    return 'there'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    // What is mounted on it may not have reached us.
    if (error.cause === undefined) return 'mere file'
    if (!hasCode(error.cause, 'ENOENT', 'ENOTDIR')) return 'there'
    const directory = path.startsWith('/proc/') ? '/proc' : dirname(path)
    return existsSync(directory) ? 'gone' : 'out of sight'
  }
}

function leftoverNames(datapath: Datapath): Pick<LeftoverEvidence, 'name' | 'kind'>[] {
  const links = datapath.hostInterfaces(PREFIX).map(name => ({ name, kind: 'link' }) as const)
  return [...links, ...published(datapath).map(name => ({ name, kind: 'rule' }) as const)]
}

function published(datapath: Datapath): string[] {
  try {
    return datapath.publishedInterfaces(PREFIX)
  } catch (error) {
    // Then nothing is there, and whose pods need it hears so elsewhere.
    if (error instanceof Problem && error.code === 'NFTABLES_MISSING') return []
    throw error
  }
}

function recordEvidence(
  { places, datapath, ages }: { readonly places: Places; readonly datapath: Datapath; readonly ages: Ages },
  name: string,
  attachment: Attachment | undefined,
): RecordEvidence[] {
  const stamp = recordStamp(places, name)
  // Gone meanwhile, by a DEL.
  if (stamp === undefined) return []
  const hasHostInterface = datapath.hasHostInterface(name)
  const namespace = hasHostInterface || attachment === undefined ? 'there' : sightOf(attachment.netns)
  return [{ name, attachment, stamp, ageMs: ages.of(`${name} ${stamp}`), hasHostInterface, namespace }]
}

/** A network's directory is named for it. */
export const poolDirectories = ({ runDir, dataDirs = [] }: Places): string[] =>
  [...new Set([`${runDir}/ipam`, ...dataDirs])].flatMap(dataDir =>
    entriesOf(dataDir).map(network => poolDirectory(dataDir, network)),
  )

function reservationsIn(path: string) {
  const directory = new Directory(path)
  return directory.entries().map(({ name, address }) => {
    const text = formatAddress(address)
    return { directory, name, address: text, path: `${path}/${text}` }
  })
}

interface Seen {
  readonly datapath: Datapath
  readonly ages: Ages
  readonly recordNames: ReadonlySet<string>
}

function reservationEvidence(
  { datapath, ages, recordNames }: Seen,
  directory: Directory,
  { name, address }: { readonly name: string; readonly address: string },
): ReservationEvidence[] {
  const file = directory.at(name)
  const stamp = stampOf(file)
  const found = directory.reservation(name)
  if (stamp === undefined || found === undefined) return []
  const { owner } = found
  const hostInterface = owner && ownerName(directory.path, owner)
  return [
    {
      directory: directory.path,
      fileName: name,
      address,
      owner,
      stamp,
      ageMs: ages.of(`${file} ${stamp}`),
      hasHostInterface: hostInterface !== undefined && datapath.hasHostInterface(hostInterface),
      hasRecord: hostInterface !== undefined && recordNames.has(hostInterface),
    },
  ]
}

/** What the owner's host end and record are called. */
export const ownerName = (
  directory: string,
  { containerId, interfaceName }: { readonly containerId: string; readonly interfaceName: string },
): string => hostInterfaceName(networkOf(directory), containerId, interfaceName)

export const networkOf = (directory: string): string => basename(directory)

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

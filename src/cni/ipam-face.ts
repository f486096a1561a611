// `podwire-ipam`, the IPAM alone, under any other plugin: the same pool and records, no link.
import { hostInterfaceName, namePrefix } from '../datapath/interface-name.ts'
import { formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import { transaction } from '../transaction.ts'
import type { Basics, Config } from './config.ts'
import { releaseAddresses } from './dismantle.ts'
import { Failures, validAttachments } from './gc.ts'
import { configuredIpam, type Ipam, type Owner } from './ipam.ts'
import { addressesOf, ipamResult } from './link.ts'
import type { Parts } from './parts.ts'
import { readResult } from './read-result.ts'
import type { Request } from './request.ts'
import { resultAnswer } from './result.ts'
import { requireVersion } from './version.ts'

export async function ipamAdd(
  request: Request,
  config: Config,
  parts: Parts,
  answer: (text: string) => void,
): Promise<void> {
  const { containerId, interfaceName, netns } = request
  const ipam = configuredIpam(parts)
  const name = hostInterfaceName(config.name, containerId, interfaceName)
  const earlier = parts.records.read(name)
  const held = await stillHeld(earlier?.addresses ?? [], request, ipam)
  const restore = () => (earlier ? parts.records.write(name, earlier) : parts.records.remove(name))
  await transaction(async undo => {
    const attachment = {
      network: config.name,
      containerId,
      interfaceName,
      netns,
      ...(ipam.dataDir !== undefined && { dataDir: ipam.dataDir }),
    }
    const lease = await transaction(async undo => {
      undo(restore)
      return ipam.allocate(
        request,
        addresses => parts.records.write(name, { ...attachment, addresses: [...held, ...addresses] }),
        held,
      )
    })
    const texts = lease.addresses.map(({ address }) => formatAddress(address))
    undo(async () => {
      await ipam.release(request, texts)
      restore()
    })
    parts.log.add({ addresses: texts })
    parts.log.phase('ipam')
    answer(resultAnswer(ipamResult(lease), config.cniVersion))
  })
}

/** What another program gave back meanwhile is held no longer. */
async function stillHeld(addresses: readonly string[], owner: Owner, ipam: Ipam): Promise<string[]> {
  const checked = await Promise.allSettled(addresses.map(address => ipam.check(owner, [address])))
  return addresses.filter((_, i) => checked[i]?.status === 'fulfilled')
}

export async function ipamDel(request: Request, { name: network }: Basics, parts: Parts): Promise<void> {
  const name = hostInterfaceName(network, request.containerId, request.interfaceName)
  await releaseAddresses(request, parts.records.read(name), parts)
  parts.records.remove(name)
}

export async function ipamCheck(request: Request, config: Config, parts: Parts): Promise<void> {
  requireVersion(config.cniVersion, '0.4.0', 'CHECK')
  const { ips } =
    config.prevResult === undefined ? { ips: [] } : await readResult(config.prevResult, config.cniVersion, 'prevResult')
  const ranges = configuredIpam(parts)
  // prevResult may hold what other IPAMs gave: one of ours is enough where the whole list is not.
  const own = addressesOf(ips).map(formatAddress)
  const name = hostInterfaceName(config.name, request.containerId, request.interfaceName)
  const recorded = parts.records.read(name)?.addresses ?? []
  const lost = recorded.filter(address => own.length > 0 && !own.includes(address))
  if (lost.length > 0)
    throw new Problem(
      'CHECK_FAILED',
      `prevResult lacks ${lost.join(', ')}, which ${request.containerId} has`,
      formatOwn(own),
    )
  await ranges.check(request, recorded)
}

const formatOwn = (addresses: readonly string[]): string => `prevResult has ${addresses.join(', ')}`

export async function ipamGc(config: Basics, parts: Parts): Promise<void> {
  requireVersion(config.cniVersion, '1.1.0', 'GC')
  const valid = validAttachments(config)
  const wanted = new Set(valid.map(owner => hostInterfaceName(config.name, owner.containerId, owner.interfaceName)))
  const failures = new Failures()
  for (const [name, record] of parts.records.list(namePrefix(config.name))) {
    // A record with a link is the main plugin's to undo.
    if (wanted.has(name) || record?.hostInterface !== undefined) continue
    await failures.collect(async () => {
      if (record !== undefined) await releaseAddresses(record, record, parts)
      parts.records.remove(name)
    })
  }
  await failures.collect(() => parts.ipam?.collect(valid, () => true))
  failures.throwAll()
}

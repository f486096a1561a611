// The undoing of one attachment, whatever is left of it: link first, for an address is free only when nothing uses it, record last.
import { addressFrom } from '../ip/address.ts'
import type { Attachment } from '../records/attachment.ts'
import type { Owner } from './ipam.ts'
import { heldBy } from './others.ts'
import type { Parts } from './parts.ts'

export async function dismantle(
  name: string,
  owner: Owner,
  attachment: Attachment | undefined,
  parts: Parts,
): Promise<void> {
  parts.datapath.disconnect(name, heldBy(attachment))
  parts.log.phase('unlink')
  await releaseAddresses(owner, attachment, parts)
  parts.log.phase('ipam')
  parts.records.remove(name)
}

/** By our record where there is one, and by the config's IPAM where that may know more. */
export async function releaseAddresses(
  owner: Owner,
  attachment: Attachment | undefined,
  { ipam, ipamAt }: Parts,
): Promise<void> {
  const { dataDir, addresses = [] } = attachment ?? {}
  const recorded = addresses.filter(text => addressFrom(text) !== undefined)
  if (dataDir !== undefined && recorded.length > 0) await ipamAt(dataDir).release(owner, recorded)
  const isOurs = ipam?.dataDir !== undefined
  if (dataDir === undefined || recorded.length === 0 || !isOurs) await ipam?.release(owner, undefined)
}

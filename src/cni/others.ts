// What the records of this node say of its pods, for who must know of the others: whose a port is, and what the table needs when it is made again.
import type { OtherPods } from '../datapath/claim.ts'
import type { Holdings } from '../datapath/datapath.ts'
import { addressFrom } from '../ip/address.ts'
import type { Attachment } from '../records/attachment.ts'
import type { Parts } from './parts.ts'

const NO_RULES = { isAntiSpoofed: false, ports: [] }

/** Undefined where there is no record: then the kernel is asked. */
export const heldBy = (attachment: Attachment | undefined): Holdings | undefined =>
  attachment && {
    addresses: attachment.addresses.flatMap(text => addressFrom(text) ?? []),
    rules: attachment.rules ?? NO_RULES,
  }

export const otherPods = (
  { records, datapath }: Pick<Parts, 'records' | 'datapath'>,
  containerId: string,
): OtherPods => ({
  all: () =>
    records
      .list('')
      .toSorted(([, a], [, b]) => (a?.since ?? 0) - (b?.since ?? 0))
      .flatMap(([hostInterface, record]) => {
        const held = heldBy(record)
        return held && datapath.hasHostInterface(hostInterface) ? [{ hostInterface, ...held }] : []
      }),
  holder(hostInterface) {
    const record = records.read(hostInterface)
    if (record === undefined || !datapath.hasHostInterface(hostInterface)) return 'nobody'
    if (record.containerId === containerId) return 'same container'
    return { name: record.pod ? `the pod ${record.pod}` : `the container ${record.containerId}` }
  },
})

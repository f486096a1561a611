// One transaction: all changes are made, or none. Everybody else sees the ruleset before, or after.
import type { Request } from '../netlink/batch.ts'
import type { Connection } from '../netlink/connection.ts'
import { NLM_F_ACK } from '../netlink/connection.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32 } from '../netlink/scalar.ts'
import { type Change, type ChangeRequest, requestsOf } from './change.ts'
import { hasDestroy as kernelHasDestroy } from './kernel-destroy.ts'
import { NFNL_SUBSYS_NFTABLES } from './message-type.ts'

const NFNL_MSG_BATCH_BEGIN = 0x10
const NFNL_MSG_BATCH_END = 0x11

export const frameMessage = body(nfgenmsg, { generation: [1, be32] })

export interface CommitOptions {
  /** Of the ruleset that the changes were decided on: where it is another by now, nothing happens but ERESTART. */
  readonly generation?: number
  /** Whether the kernel can be asked to delete what may be missing. One that cannot takes another try where something is. */
  readonly hasDestroy?: boolean
}

/** Throws a NetlinkError named after the first change that the kernel refused. */
export function commit(connection: Connection, changes: readonly Change[], options: CommitOptions = {}): void {
  let { hasDestroy = kernelHasDestroy() } = options
  let requests = encoded(changes, hasDestroy)
  while (requests.length > 0) {
    const refusals = connection.batch(framed(requests, options.generation))
    const [first] = refusals
    if (first === undefined) return
    // The frame comes before the first.
    const refused = (code: string) =>
      refusals.filter(({ index, error }) => requests[index - 1]?.isDestroy && error.code === code)
    const missing = new Set(refused('ENOENT').map(({ index }) => index - 1))
    if (hasDestroy && refused('EINVAL').length > 0) {
      hasDestroy = false
      requests = encoded(changes, hasDestroy)
    } else if (missing.size < refusals.length) {
      throw (refusals.find(({ index }) => !missing.has(index - 1)) ?? first).error
    } else requests = requests.filter((_, at) => !missing.has(at))
  }
}

/** The whole batch. The last change asks for an acknowledgement: a kernel that is content says nothing otherwise. */
export function framed(requests: readonly ChangeRequest[], generation?: number): Request[] {
  const last = requests.length - 1
  return [
    frame('begin a transaction', NFNL_MSG_BATCH_BEGIN, generation),
    ...requests.map((request, at) => (at === last ? { ...request, flags: request.flags | NLM_F_ACK } : request)),
    frame('end a transaction', NFNL_MSG_BATCH_END),
  ]
}

export const encoded = (changes: readonly Change[], hasDestroy = true): ChangeRequest[] =>
  changes.flatMap((change, at) => requestsOf(change, at + 1, hasDestroy))

const frame = (operation: string, type: number, generation?: number): Request => ({
  operation,
  type,
  flags: 0,
  codec: frameMessage,
  value: { family: 0, version: 0, resource: NFNL_SUBSYS_NFTABLES, attributes: { generation } },
})

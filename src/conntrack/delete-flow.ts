// Forgets one flow.
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { blankFlow, flow, IPCTNL_MSG_CT_DELETE } from './flow.ts'
import type { Flow } from './flow-choice.ts'

/** By its whole tuple: a delete without one empties the kernel's whole table. */
export function deleteFlow(connection: Connection, { family, attributes: { original, zone, id } }: Flow): void {
  if (!original?.addresses || !original.transport) return
  try {
    connection.request('delete a connection', IPCTNL_MSG_CT_DELETE, 0, flow, {
      ...blankFlow,
      family,
      attributes: { original, zone, id },
    })
  } catch (error) {
    // It timed out by itself.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

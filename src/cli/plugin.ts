// The verbs that make, look at and remove what pods have.
import { add } from '../cni/add.ts'
import { check } from '../cni/check.ts'
import { del } from '../cni/delete.ts'
import { gc } from '../cni/gc.ts'
import { ipamAdd, ipamCheck, ipamDel, ipamGc } from '../cni/ipam-face.ts'
import type { Environment } from '../cni/request.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { Records } from '../records/records.ts'
import { answerCall, type Call, type Face } from './call.ts'
import { ipamOf, RUN_DIRECTORY } from './ipam-of.ts'
import { answer } from './stdio.ts'

/** The exit code. */
export const plugin = (face: Face, environment: Environment): Promise<number> => answerCall(face, environment, run)

async function run(call: Call): Promise<void> {
  using datapath = new KernelDatapath()
  // Awaited here: what is `using` is closed when this returns.
  await verb(call, datapath)
}

function verb(call: Call, datapath: KernelDatapath): Promise<void> {
  const { face, command, request, basics, config, log } = call
  const ipam = ipamOf(call, () => datapath.liveAddresses())
  const parts = { datapath, records: new Records(`${RUN_DIRECTORY}/attachments`), ...ipam, log }
  const isIpam = face === 'ipam'
  if (config === undefined) {
    if (command === 'DEL') return (isIpam ? ipamDel : del)(request, basics, parts)
    return (isIpam ? ipamGc : gc)(basics, parts)
  }
  if (command === 'ADD') return (isIpam ? ipamAdd : add)(request, config, parts, answer)
  return (isIpam ? ipamCheck : check)(request, config, parts)
}

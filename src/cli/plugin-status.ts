// STATUS, which runtimes ask for every few seconds: apart from the other verbs, so that none of what makes pods is loaded.
import type { Environment } from '../cni/request.ts'
import { ipamStatus, status } from '../cni/status.ts'
import { liveAddresses } from '../datapath/live.ts'
import { Connection } from '../netlink/connection.ts'
import { answerCall, type Call, type Face } from './call.ts'
import { ipamOf } from './ipam-of.ts'

/** The exit code. */
export const pluginStatus = (face: Face, environment: Environment): Promise<number> =>
  answerCall(face, environment, run)

async function run(call: Call): Promise<void> {
  if (call.config === undefined) throw new TypeError('STATUS reads the whole config')
  await (call.face === 'ipam' ? ipamStatus : status)(call.config, ipamOf(call, liveAddressesOfNode))
}

function liveAddressesOfNode(): ReadonlySet<string> {
  using host = Connection.open()
  return liveAddresses(host)
}

// One call of the protocol: read the world, build the parts, run the verb, answer.
import { add } from '../cni/add.ts'
import { podName } from '../cni/arguments.ts'
import { check } from '../cni/check.ts'
import type { Basics } from '../cni/config.ts'
import { del } from '../cni/delete.ts'
import { readDocument } from '../cni/document.ts'
import { errorDocument, firstFailure } from '../cni/error.ts'
import { gc } from '../cni/gc.ts'
import { ipamAdd, ipamCheck, ipamDel, ipamGc, ipamStatus } from '../cni/ipam-face.ts'
import { readBasics, readConfig } from '../cni/read-config.ts'
import { type Environment, readCommand, readRequest } from '../cni/request.ts'
import { status } from '../cni/status.ts'
import { parseVersion, type Version } from '../cni/version.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { CallLog } from './call-log.ts'
import { type Call, type Face, partsFor } from './parts.ts'
import { answer, readStdin, write } from './stdio.ts'

/** The exit code. */
export async function plugin(face: Face, environment: Environment): Promise<number> {
  const log = new CallLog()
  let version: Version | undefined
  let logConfig: Basics['log']
  let failure: unknown
  try {
    const command = readCommand(environment)
    const request = readRequest(command, environment)
    log.add({
      verb: command,
      container: request.containerId,
      pod: podName(request.arguments),
      interface: request.interfaceName,
    })
    const stdin = readStdin()
    const document = readDocument(stdin)
    version = usableVersion(document)
    // DEL and GC read no more than they need, so that no later change of a config strands a pod.
    const readsAll = command !== 'DEL' && command !== 'GC'
    const config = readsAll ? await readConfig(document) : undefined
    const basics = config ?? (await readBasics(document))
    logConfig = basics.log
    log.add({ network: basics.name })
    log.phase('parse')
    await run({ face, command, request, basics, config, environment, stdin, log })
  } catch (error) {
    failure = error
    write(1, JSON.stringify(errorDocument(error, version)))
  }
  log.phase('end')
  if (logConfig !== undefined) await tell(logConfig, log, failure)
  return failure === undefined ? 0 : 1
}

async function run(call: Call): Promise<void> {
  using datapath = new KernelDatapath()
  // Awaited here: what is `using` is closed when this returns.
  await verb(call, datapath)
}

function verb(call: Call, datapath: KernelDatapath): Promise<void> {
  const { face, command, request, basics, config } = call
  const parts = partsFor(call, datapath)
  const isIpam = face === 'ipam'
  if (config === undefined) {
    if (command === 'DEL') return (isIpam ? ipamDel : del)(request, basics, parts)
    return (isIpam ? ipamGc : gc)(basics, parts)
  }
  if (command === 'ADD') return (isIpam ? ipamAdd : add)(request, config, parts, answer)
  if (command === 'CHECK') return (isIpam ? ipamCheck : check)(request, config, parts)
  return (isIpam ? ipamStatus : status)(config, parts)
}

/** The version that an error is written in. */
function usableVersion(document: unknown): Version | undefined {
  try {
    return parseVersion((document as { cniVersion?: string }).cniVersion)
  } catch {
    return undefined
  }
}

/** A log that cannot be written stops no pod. */
async function tell(config: NonNullable<Basics['log']>, log: CallLog, failure: unknown): Promise<void> {
  try {
    const { writeLog } = await import('./log-file.ts')
    writeLog(config, log.fields(), log.warnings, firstFailure(failure))
  } catch (error) {
    write(2, `podwire: cannot log to ${config.file}: ${error}\n`)
  }
}

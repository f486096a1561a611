// One call of the protocol: read the world, build the parts, run the verb, answer.
import { add } from '../cni/add.ts'
import { parseArguments, podName } from '../cni/arguments.ts'
import { check } from '../cni/check.ts'
import { type Basics, type Config, parseBasics, parseConfig, readDocument } from '../cni/config.ts'
import { delegate } from '../cni/delegate.ts'
import { delegatedIpam } from '../cni/delegated-ipam.ts'
import { del } from '../cni/delete.ts'
import { errorDocument, firstFailure } from '../cni/error.ts'
import { gc } from '../cni/gc.ts'
import type { Ipam } from '../cni/ipam.ts'
import { ipamAdd, ipamCheck, ipamDel, ipamGc, ipamStatus } from '../cni/ipam-face.ts'
import { configuredRanges, ownIpam, requestedAddresses, type Wanted } from '../cni/own-ipam.ts'
import type { Parts } from '../cni/parts.ts'
import { type Command, type Environment, type Request, readCommand, readRequest } from '../cni/request.ts'
import { status } from '../cni/status.ts'
import { parseVersion, type Version } from '../cni/version.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { openPool } from '../ipam/open-pool.ts'
import type { RangeSet } from '../ipam/range-set.ts'
import { Records } from '../records/records.ts'
import { CallLog } from './call-log.ts'
import { answer, readStdin, write } from './stdio.ts'

export type Face = 'network' | 'ipam'

const RUN_DIRECTORY = '/run/podwire'
const DEFAULT_DATA_DIRECTORY = `${RUN_DIRECTORY}/ipam`
const OWN_IPAM = 'podwire-ipam'

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
    const basics = parseBasics(document)
    logConfig = basics.log
    log.add({ network: basics.name })
    log.phase('parse')
    await run(face, { command, request, basics, document, environment, stdin, log })
  } catch (error) {
    failure = error
    write(1, JSON.stringify(errorDocument(error, version)))
  }
  log.phase('end')
  if (logConfig !== undefined) await tell(logConfig, log, failure)
  return failure === undefined ? 0 : 1
}

interface Call {
  readonly command: Command
  readonly request: Request
  readonly basics: Basics
  readonly document: unknown
  readonly environment: Environment
  readonly stdin: string
  readonly log: CallLog
}

async function run(face: Face, call: Call): Promise<void> {
  using datapath = new KernelDatapath()
  // Awaited here: what is `using` is closed when this returns.
  await verb(face, call, datapath)
}

function verb(face: Face, call: Call, datapath: KernelDatapath): Promise<void> {
  const { command, request, basics } = call
  const isIpam = face === 'ipam'
  if (command === 'DEL') return (isIpam ? ipamDel : del)(request, basics, partsFor(face, call, basics, datapath))
  if (command === 'GC') return (isIpam ? ipamGc : gc)(basics, partsFor(face, call, basics, datapath))
  const config = parseConfig(call.document)
  const parts = partsFor(face, call, config, datapath, config)
  if (command === 'ADD') return (isIpam ? ipamAdd : add)(request, config, parts, answer)
  if (command === 'CHECK') return (isIpam ? ipamCheck : check)(request, config, parts)
  return (isIpam ? ipamStatus : status)(config, parts)
}

/** `config` is there for the verbs that read all of it. */
function partsFor(face: Face, call: Call, basics: Basics, datapath: KernelDatapath, config?: Config): Parts {
  const pool = (dataDir: string, sets: readonly RangeSet[]) =>
    openPool({
      dataDir,
      network: basics.name,
      sets,
      runDir: RUN_DIRECTORY,
      liveAddresses: () => datapath.liveAddresses(),
    })
  const own = (dataDir: string, sets: readonly RangeSet[] = [], wanted = nothingWanted) =>
    ownIpam(pool(dataDir, sets), dataDir, wanted)
  return {
    datapath,
    records: new Records(`${RUN_DIRECTORY}/attachments`),
    ipam: configured(face, call, basics, dataDir => {
      const needsRanges = config !== undefined && call.command !== 'CHECK'
      return needsRanges ? own(dataDir, configuredRanges(config), wantedOf(config, call)) : own(dataDir)
    }),
    ipamAt: dataDir => own(dataDir),
    log: call.log,
  }
}

function configured(
  face: Face,
  call: Call,
  { ipam, cniVersion }: Basics,
  own: (dataDir: string) => Ipam,
): Ipam | undefined {
  if (ipam === undefined) return undefined
  if (face === 'ipam' || ipam.type === OWN_IPAM) return own(ipam.dataDir || DEFAULT_DATA_DIRECTORY)
  return delegatedIpam(ipam.type ?? '', delegate(ipam.type ?? '', call.environment, call.stdin), cniVersion)
}

const nothingWanted: Wanted = { requested: [], config: {}, exhaustionIsError: true }

const wantedOf = (config: Config, { request }: Call): Wanted => ({
  requested: requestedAddresses(config, parseArguments(request.arguments)),
  config: config.ipam ?? {},
  exhaustionIsError: config.statusOnExhaustion !== 'ready',
})

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

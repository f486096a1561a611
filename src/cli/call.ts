// One call of the protocol: read the world, run the verb, answer.
import { podName } from '../cni/arguments.ts'
import type { Basics, Config } from '../cni/config.ts'
import { readDocument } from '../cni/document.ts'
import { errorDocument, firstFailure } from '../cni/error.ts'
import { readBasics, readConfig } from '../cni/read-config.ts'
import { type Command, type Environment, type Request, readCommand, readRequest } from '../cni/request.ts'
import { parseVersion, type Version } from '../cni/version.ts'
import { CallLog } from './call-log.ts'
import { readStdin, write } from './stdio.ts'

export type Face = 'network' | 'ipam'

export interface Call {
  readonly face: Face
  readonly command: Command
  readonly request: Request
  readonly basics: Basics
  /** There for the verbs that read all of it. */
  readonly config: Config | undefined
  readonly environment: Environment
  readonly stdin: string
  readonly log: CallLog
}

/** The exit code. */
export async function answerCall(
  face: Face,
  environment: Environment,
  run: (call: Call) => Promise<void>,
): Promise<number> {
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

// Another plugin's binary, called as the runtime calls us: same environment, same stdin, another verb at most.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, Problem } from '../problem.ts'
import type { Owner } from './ipam.ts'
import type { Command, Environment } from './request.ts'

/** What a delegate said of its failure; its code goes to the runtime unchanged. */
export class DelegateError extends Error {
  override readonly name = 'DelegateError'
  readonly cni: number
  readonly details: string

  constructor(cni: number, message: string, details: string) {
    super(message)
    this.cni = cni
    this.details = details
  }
}

export interface Delegate {
  /** Fails where there is no such binary: then nothing was run, and nothing needs undoing. */
  find(): void
  /** Runs one verb, for the owner that the environment names or for another (GC); what it printed. */
  run(command: Command, owner?: Owner, stdin?: string): Promise<string>
}

/** The binary of that type in CNI_PATH, with what it will be given. */
export function delegate(type: string, environment: Environment, stdin: string): Delegate {
  return {
    find: () => void find(type, environment.CNI_PATH ?? ''),
    run: async (command, owner, otherStdin) =>
      run(
        find(type, environment.CNI_PATH ?? ''),
        type,
        { ...environment, ...environmentOf(owner), CNI_COMMAND: command },
        otherStdin ?? stdin,
      ),
  }
}

function find(type: string, path: string): string {
  if (type.includes('/')) throw new Problem('CONFIG_INVALID', `plugin type "${type}" must be a name, not a path`)
  const directories = path.split(':').filter(directory => directory !== '')
  const found = directories.map(directory => join(directory, type)).find(isFile)
  if (found !== undefined) return found
  throw new Problem(
    'DELEGATE_MISSING',
    `failed to find plugin "${type}" in path [${directories.join(' ')}]: install it there, or set ipam.type to podwire-ipam`,
  )
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false

const environmentOf = (owner: Owner | undefined): Environment =>
  owner === undefined ? {} : { CNI_CONTAINERID: owner.containerId, CNI_IFNAME: owner.interfaceName }

const BUSY_RETRIES = 5
const BUSY_PAUSE_MS = 1000

async function run(file: string, type: string, environment: Environment, stdin: string): Promise<string> {
  // Loaded only where something is delegated: it costs 2 ms.
  const { spawnSync } = await import('node:child_process')
  for (let retry = 0; ; retry++) {
    const { error, status, signal, stdout } = spawnSync(file, {
      env: environment,
      input: stdin,
      stdio: ['pipe', 'pipe', 'inherit'],
      encoding: 'utf8',
    })
    // Someone is writing the binary at this moment: an upgrade.
    if (hasCode(error, 'ETXTBSY') && retry < BUSY_RETRIES) {
      await new Promise(resolve => setTimeout(resolve, BUSY_PAUSE_MS))
      continue
    }
    // A delegate that never reads its stdin closes it early (EPIPE); its exit says how it went.
    if (error !== undefined && !hasCode(error, 'EPIPE')) {
      throw new Problem('DELEGATE_FAILED', `plugin "${type}" (${file}) could not be run: ${error.message}`, '', error)
    }
    if (status === 0) return stdout
    throw failure(type, environment.CNI_COMMAND ?? '', stdout, signal ?? `exit ${status}`)
  }
}

function failure(type: string, command: string, stdout: string, ended: string): Error {
  try {
    const { code, msg, details } = JSON.parse(stdout)
    if (typeof code === 'number' && typeof msg === 'string') {
      return new DelegateError(code, `plugin "${type}" failed ${command}: ${msg}`, String(details ?? ''))
    }
  } catch {
    // Not its error document: say what it was.
  }
  const said = stdout.trim() === '' ? 'nothing' : JSON.stringify(stdout.trim().slice(0, 200))
  return new Problem('DELEGATE_FAILED', `plugin "${type}" failed ${command} (${ended}) and printed ${said}`)
}

// What plays a whole node for the plugin: network and mount namespaces of a sleeping process, in which /run is empty.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

interface Test {
  teardown(undo: () => void): void
}

interface Options {
  readonly input?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const TIMEOUT_MS = 10_000
const setUp = `set -e
mount -t tmpfs run /run
mkdir /run/netns
ip link set lo up
ip address add 198.51.100.1/32 dev lo
ip address add 2001:db8:ffff::1/128 dev lo
: >/run/ready
exec sleep infinity`

export class Machine {
  readonly #pid: number

  constructor(pid: number) {
    this.#pid = pid
  }

  /** Runs a program there, whatever comes of it. */
  attempt(words: readonly string[], { input = '', env = {} }: Options = {}): Outcome {
    const { PATH } = process.env
    const enter = ['--target', String(this.#pid), '--net', '--mount', `--wd=${process.cwd()}`, '--', ...words]
    const all = { encoding: 'utf8', input, env: { PATH, ...env }, timeout: 60_000 } as const
    const { error, status, stdout, stderr } = spawnSync('nsenter', enter, all)
    if (error) throw error
    return { code: status ?? 255, stdout, stderr }
  }

  /** Runs a command line there, where nothing but success will do; what it printed. */
  shell(command: string): string {
    const { code, stdout, stderr } = this.attempt(['sh', '-euc', command])
    if (code !== 0) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }

  /** Where a path of the machine is for us. */
  path(inside: string): string {
    return `/proc/${this.#pid}/root${inside}`
  }

  /** A new namespace that plays a pod. */
  pod(name: string): string {
    this.shell(`ip netns add ${name}`)
    return `/run/netns/${name}`
  }
}

/** Gone with the test, however it ends. */
export function throwAwayMachine(t: Test): Machine {
  const words = ['--pdeathsig', 'KILL', 'unshare', '--net', '--mount', 'sh', '-c', setUp]
  const holder = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  t.teardown(() => void holder.kill('SIGKILL'))
  const machine = new Machine(holder.pid ?? 0)
  const end = Date.now() + TIMEOUT_MS
  // /run is the machine's own until it has its tmpfs; a file of that name there would be somebody else's.
  while (!existsSync(machine.path('/run/ready'))) {
    if (Date.now() > end) throw new Error('the throw-away machine did not come up, see above')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
  }
  return machine
}

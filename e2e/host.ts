// A throw-away host: network, mount and process namespaces of its own, in which /run and /var/lib are empty. The machine's stay as they are.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'

// Strict rp_filter, as on kind's nodes; 198.51.100.1 and 2001:db8::1 are what pods call the host.
const setUp = `set -e
mount -t tmpfs run /run
mount -t tmpfs var-lib /var/lib
mkdir -p /run/netns
ip link set lo up
ip address add 198.51.100.1/32 dev lo
ip address add 2001:db8::1/128 dev lo
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
echo 1 >/proc/sys/net/ipv4/conf/default/rp_filter
echo ready
read -r end || exit 0`

export const hostAddresses = ['198.51.100.1', '2001:db8::1']

interface Options {
  readonly env?: Record<string, string>
  readonly input?: string
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Where a command can be run: the host, or a pod of it. */
export interface Place {
  attempt(command: string, args: string[]): Outcome
}

export class Host implements Place, AsyncDisposable {
  readonly #unshare: ChildProcess
  readonly pid: number

  private constructor(unshare: ChildProcess, pid: number) {
    this.#unshare = unshare
    this.pid = pid
  }

  static async start(): Promise<Host> {
    // Its process 1 reads from a pipe of ours: when the test ends, however it ends, so does all that runs there.
    const flags = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
    const unshare = spawn('unshare', [...flags, 'bash', '-c', setUp], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [word] = await Promise.race([once(unshare.stdout, 'data'), once(unshare, 'exit')])
    if (!String(word).startsWith('ready')) throw new Error('the throw-away host did not come up, see above')
    // A host that a failed test forgot must not keep the test from ending, and with it the host.
    unshare.unref()
    for (const pipe of [unshare.stdin, unshare.stdout]) (pipe as unknown as Socket).unref()
    const pid = Number(readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8'))
    return new Host(unshare, pid)
  }

  /** The command line that runs a command there. */
  enter(command: string, ...args: string[]): [string, string[]] {
    return ['nsenter', ['--target', String(this.pid), '--net', '--mount', '--pid', '--', command, ...args]]
  }

  run(command: string, args: string[], options: Options = {}): string {
    const { code, stdout, stderr } = this.attempt(command, args, options)
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }

  attempt(command: string, args: string[], { env = {}, input = '' }: Options = {}): Outcome {
    const { status, stdout, stderr, error } = spawnSync(...this.enter(command, ...args), {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
      input,
      timeout: 60_000,
    })
    if (error) throw error
    return { code: status ?? 255, stdout, stderr }
  }

  shell(script: string): string {
    return this.run('bash', ['--norc', '-euc', script])
  }

  /** Where a path of the host is for us, outside. */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`
  }

  has(inside: string): boolean {
    return existsSync(this.path(inside))
  }

  write(inside: string, content: unknown): void {
    mkdirSync(dirname(this.path(inside)), { recursive: true })
    writeFileSync(this.path(inside), typeof content === 'string' ? content : JSON.stringify(content))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#unshare.exitCode !== null || this.#unshare.signalCode !== null) return
    const ended = once(this.#unshare, 'exit')
    this.#unshare.ref()
    this.#unshare.stdin?.end()
    await ended
  }
}

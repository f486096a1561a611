// The agent as the kernel sees its process: when it started, memory, processor time, and what it sends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const LISTEN = '127.0.0.1:9912'
const SAMPLE_MS = 5

export class AgentProcess {
  readonly startedAt = performance.now()
  peakMB = 0
  readonly #child: ChildProcess
  readonly #sampling: NodeJS.Timeout

  constructor(program: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(program, ['agent', ...words, '--listen', LISTEN], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.stderr?.pipe(createWriteStream('/run/agent.log'))
    this.#child.on('exit', code => {
      throw new Error(`the agent ended, exit code ${code}: ${readFileSync('/run/agent.log', 'utf8').slice(-2000)}`)
    })
    this.#sampling = setInterval(() => {
      this.peakMB = Math.max(this.peakMB, this.memoryMB())
    }, SAMPLE_MS)
  }

  /** What is neither the executable nor another file: RssAnon. */
  memoryMB(): number {
    const [, kib] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? []
    return (Number(kib ?? 0) * 1024) / 1e6
  }

  /** From now on it is looked at only when asked for. */
  stopSampling(): void {
    clearInterval(this.#sampling)
  }

  /** The part of one processor that it takes, all its threads together, in percent. */
  async processorShare(seconds: number): Promise<number> {
    const [before, from] = [this.#processorMs(), performance.now()]
    await wait(seconds * 1000)
    return ((this.#processorMs() - before) / (performance.now() - from)) * 100
  }

  /** By the scheduler, to the nanosecond: ticks are too coarse. */
  #processorMs(): number {
    const tasks = `/proc/${this.#child.pid}/task`
    const ran = readdirSync(tasks).map(task => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]))
    return ran.reduce((sum, ns) => sum + ns, 0) / 1e6
  }

  /** Netlink messages to the kernel, questions and others, in so long a time. */
  async messagesSent(seconds: number): Promise<{ readonly questions: number; readonly changes: readonly string[] }> {
    const words = [
      '-f',
      '-qq',
      '-s',
      '4096',
      '-e',
      'trace=sendto,sendmsg',
      '-e',
      'signal=none',
      '-o',
      '/run/strace',
      '-p',
    ]
    const strace = spawn('strace', [...words, String(this.#child.pid)], { stdio: 'inherit' })
    await wait(seconds * 1000)
    strace.kill('SIGINT')
    await once(strace, 'exit')
    const types = readFileSync('/run/strace', 'utf8').match(/nlmsg_type=[^,]+/g) ?? []
    const changes = types.filter(type => !/RTM_GET|_MSG_GET/.test(type))
    return { questions: types.length - changes.length, changes }
  }

  /** A counter or gauge of its own metrics. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://${LISTEN}/metrics`)).text()
    return Number(
      text
        .split('\n')
        .find(line => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? 0,
    )
  }

  async end(): Promise<void> {
    this.stopSampling()
    this.#child.removeAllListeners('exit')
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
  }
}

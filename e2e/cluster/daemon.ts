// A program that runs on a machine until it is stopped, with a log.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Machine } from './machine.ts'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** Outside, appended to. */
  readonly log: string
  readonly path: string
}

export class Daemon {
  readonly #nsenter: ChildProcess
  readonly #log: string

  constructor(machine: Machine, { command, args, log, path }: Program) {
    const file = openSync(log, 'a')
    this.#nsenter = spawn(...machine.enter(command, ...args), { stdio: ['ignore', file, file], env: { PATH: path } })
    this.#nsenter.unref()
    this.#log = log
    closeSync(file)
  }

  /** Throws if it has ended by itself. */
  mustRun(): void {
    if (this.#nsenter.exitCode === null) return
    throw new Error(`ended, exit ${this.#nsenter.exitCode}; its log ${this.#log} ends with\n${tail(this.#log)}`)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#nsenter.exitCode !== null || this.#nsenter.signalCode !== null) return
    const ended = once(this.#nsenter, 'exit')
    this.#nsenter.ref()
    for (const pid of childrenOf(this.#nsenter.pid)) process.kill(pid, signal)
    await ended
  }
}

/** nsenter's child is the program. */
const childrenOf = (pid: number | undefined): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

const tail = (path: string): string => readFileSync(path, 'utf8').split('\n').slice(-12).join('\n')

// One measured call of a program: spawn.c starts it and holds the watch, so that both sides of a comparison start in the same way.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface Call {
  readonly program: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: unknown
  /** What comes before the command where it is to run elsewhere: no part of what is measured. */
  readonly entering?: readonly string[]
}

export interface Measurement {
  readonly ms: number
  /** Peak resident set. */
  readonly kib: number
}

export class Spawner {
  readonly #folder: string
  readonly #spawn: string
  readonly #stdin: string

  constructor(folder: string) {
    this.#folder = folder
    this.#spawn = this.compile(join(import.meta.dirname, 'spawn.c'))
    this.#stdin = join(folder, 'stdin')
  }

  /** `count` at once: `{}` in the environment is each one's number. */
  measure(call: Call, count = 1): Measurement {
    const { program, env = {}, stdin = {}, entering = [] } = call
    writeFileSync(this.#stdin, JSON.stringify(stdin))
    const [first = '', ...rest] = [...entering, this.#spawn, String(count), this.#stdin, program]
    const { stdout, stderr } = spawnSync(first, rest, { env, encoding: 'utf8' })
    const [ms = Number.NaN, kib = Number.NaN, failed = count] = stdout.split(' ').map(Number)
    if (failed !== 0) throw new Error(`${program} ${env['CNI_COMMAND'] ?? ''} failed: ${this.#answer(call)}${stderr}`)
    return { ms, kib }
  }

  /** The program that this source in C makes. */
  compile(source: string): string {
    const program = join(this.#folder, basename(source, '.c'))
    execFileSync('cc', ['-O2', '-o', program, source])
    return program
  }

  #answer({ program, env = {}, stdin = {}, entering = [] }: Call): string {
    const [first = '', ...rest] = [...entering, program]
    return spawnSync(first, rest, { env, encoding: 'utf8', input: JSON.stringify(stdin) }).stdout
  }
}

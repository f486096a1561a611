// One measured call of a program: spawn.c starts it and holds the watch, so that both sides of a comparison start in the same way.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Call {
  readonly program: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: unknown
}

export interface Measurement {
  readonly ms: number
  /** Peak resident set. */
  readonly kib: number
}

export class Spawner {
  readonly #spawn: string
  readonly #stdin: string

  constructor(folder: string) {
    this.#spawn = join(folder, 'spawn')
    this.#stdin = join(folder, 'stdin')
    execFileSync('cc', ['-O2', '-o', this.#spawn, join(import.meta.dirname, 'spawn.c')])
  }

  /** `count` at once: `{}` in the environment is each one's number. */
  measure({ program, env = {}, stdin = {} }: Call, count = 1): Measurement {
    writeFileSync(this.#stdin, JSON.stringify(stdin))
    const { stdout, stderr } = spawnSync(this.#spawn, [String(count), this.#stdin, program], { env, encoding: 'utf8' })
    const [ms = Number.NaN, kib = Number.NaN, failed = count] = stdout.split(' ').map(Number)
    if (failed !== 0)
      throw new Error(`${program} ${env['CNI_COMMAND'] ?? ''} failed: ${this.#answer(program, env)}${stderr}`)
    return { ms, kib }
  }

  #answer(program: string, env: Readonly<Record<string, string>>): string {
    return spawnSync(program, { env, encoding: 'utf8', input: execFileSync('cat', [this.#stdin]) }).stdout
  }
}

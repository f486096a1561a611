// What all measurements share: the programs, copied in one way, the watch, and where results go.
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Findings } from '../findings.ts'
import { cache, dist, needPrograms, reference, root } from '../programs.ts'
import { type Call, type Measurement, Spawner } from '../spawn.ts'

export class Setting extends Findings implements Disposable {
  readonly rounds: number
  /** The folder of the reference plugins. */
  readonly reference = reference
  /** The folder of ours. */
  readonly podwire: string
  /** The same executable with an empty script. */
  readonly empty: Call
  readonly #spawner: Spawner
  readonly #scratch: string

  constructor(rounds: number) {
    super()
    this.rounds = rounds
    needPrograms()
    this.#scratch = mkdtempSync(join(cache, 'bench-'))
    this.#spawner = new Spawner(this.#scratch)
    this.podwire = this.#install(dist, 'podwire')
    this.empty = { program: join(this.#install(this.#buildEmpty(), 'empty'), 'podwire') }
  }

  /** `count` at once: `{}` in the environment is each one's number. */
  measure(call: Call, count = 1): Measurement {
    return this.#spawner.measure(call, count)
  }

  /** The program that this source in C makes. */
  compile(source: string): string {
    return this.#spawner.compile(source)
  }

  /** How a file came to be on the disk is worth milliseconds of its start: all are copied in the same way. */
  #install(from: string, name: string): string {
    const folder = join(this.#scratch, name)
    mkdirSync(folder)
    copyFileSync(join(from, 'podwire'), join(folder, 'podwire'))
    cpSync(join(from, 'podwire.d'), join(folder, 'podwire.d'), { recursive: true })
    symlinkSync('podwire', join(folder, 'podwire-ipam'))
    return folder
  }

  #buildEmpty(): string {
    const source = join(this.#scratch, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'main.ts'), 'process.exit(0)\n')
    const out = join(this.#scratch, 'empty-dist')
    const env = { ...process.env, PODWIRE_ENTRY: join(source, 'main.ts'), PODWIRE_DIST: out }
    const { status, stderr } = spawnSync(join(root, 'scripts/build'), { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`no empty executable: ${stderr}`)
    return out
  }

  [Symbol.dispose](): void {
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}

/** The network namespace of this name, made when it is not there. */
export function pod(name: string): string {
  const path = `/run/netns/${name}`
  if (!existsSync(path)) {
    writeFileSync(path, '')
    spawnSync('unshare', [`--net=${path}`, 'true'])
  }
  return name
}

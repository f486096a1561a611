// What a benchmark found: all results, the figures that were missed, and where they are written, beside the executable.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dist } from './programs.ts'
import { type Bound, ratio, verdict } from './report.ts'
import type { Estimate } from './statistics.ts'

export class Findings {
  readonly results: Record<string, unknown> = {}
  readonly misses: string[] = []

  /** Says whether a figure is reached, and remembers if not. */
  judge(what: string, measured: Estimate, limit: number, bound: Bound = '≤'): string {
    const word = verdict(measured, limit, bound)
    if (word === 'MISSED') this.misses.push(`${what}: ${ratio(measured)}, not ${bound} ${limit}`)
    return `${word}: ${bound} ${limit}`
  }

  writeResults(file: string, rounds: number): string {
    const results = { date: new Date(), rounds, ...this.results, misses: this.misses }
    return this.write(file, `${JSON.stringify(results, null, 2)}\n`)
  }

  write(file: string, text: string): string {
    const path = join(dist, file)
    writeFileSync(path, text)
    return path
  }

  /** The last line of a benchmark. */
  toString(): string {
    return this.misses.length === 0 ? 'All figures are reached.' : `Missed:\n  ${this.misses.join('\n  ')}`
  }
}

// Tables, JSON and the drawing of traffic between nodes.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Findings } from '../findings.ts'
import { dist } from '../programs.ts'
import { ratioPlot } from '../ratio-plot.ts'
import { ratio, table } from '../report.ts'
import { type Kind, kinds, type Pairs, parts } from './parts.ts'

const LIMIT = 0.98
const FILE = 'bench-traffic.json'
const DRAWING = 'bench-traffic.svg'

const shown = {
  throughput: bytes => `${((bytes * 8) / 1e9).toFixed(2)} Gbit/s`,
  requests: perSecond,
  connections: perSecond,
} as const satisfies Record<Kind, (perSecond: number) => string>

export class TrafficReport {
  readonly #findings = new Findings()
  readonly #rounds: number
  readonly #measured = earlier()

  constructor(rounds: number) {
    this.#rounds = rounds
  }

  add(part: string, title: string, measured: ReadonlyMap<Kind, Pairs>): void {
    const rows = [['', 'podwire', 'reference', 'ratio', '']]
    for (const [kind, pairs] of measured) {
      this.#measured.set(`${part} ${kind}`, pairs)
      const verdict = this.#findings.judge(`${title}: ${kind}`, pairs.ratio, LIMIT, '≥')
      rows.push([
        kind,
        shown[kind](pairs.podwire.median),
        shown[kind](pairs.reference.median),
        ratio(pairs.ratio),
        verdict,
      ])
    }
    console.log(table(title, rows))
    this.#write()
  }

  /** The last lines. */
  toString(): string {
    return `written to ${join(dist, FILE)}, drawn in ${join(dist, DRAWING)}\n${this.#findings}`
  }

  #write(): void {
    const findings = this.#findings
    Object.assign(findings.results, Object.fromEntries(this.#measured))
    const rows = names.flatMap(([key, name]) => {
      const pairs = this.#measured.get(key)
      return pairs === undefined ? [] : [{ name, ratio: pairs.ratio }]
    })
    const title = 'Traffic between pods of two nodes: podwire / reference'
    const note = 'median of pairs with its 95 % interval; reference: ptp with static routes, or with a VXLAN made by ip'
    findings.write(DRAWING, ratioPlot({ title, note, limit: LIMIT, rows }))
    findings.writeResults(FILE, this.#rounds)
  }
}

const names = Object.entries(parts).flatMap(([part, { title }]) =>
  Object.keys(kinds).map(kind => [`${part} ${kind}`, `${title}: ${kind}`] as const),
)

/** What an earlier run measured, of which this one may do a part anew. */
function earlier(): Map<string, Pairs> {
  const path = join(dist, FILE)
  const results: Record<string, Pairs> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  return new Map(names.flatMap(([key]) => (results[key] === undefined ? [] : [[key, results[key]] as const])))
}

function perSecond(count: number): string {
  return `${Math.round(count).toLocaleString('en')}/s`
}

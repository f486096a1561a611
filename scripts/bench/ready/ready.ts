// npm run bench:ready [-- --rounds NUMBER]: how long a node of a fresh cluster takes to be Ready, its agent's image being there. Beside it the same
// with a program that does nothing in podwire's place. Prints a table and writes dist/bench-ready.json.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { lacksCluster } from '../../../e2e/cluster/start-cluster.ts'
import { Findings } from '../findings.ts'
import { machine } from '../machine.ts'
import { needPrograms } from '../programs.ts'
import { Progress } from '../progress.ts'
import { table } from '../report.ts'
import { type Estimate, estimate } from '../statistics.ts'
import { type FreshStart, freshStart } from './fresh-start.ts'
import { makeImages } from './image.ts'

const LIMIT = 2

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '12' } } })
const rounds = Number(values.rounds)
const lack = lacksCluster('dual-stack')
if (lack) throw new Error(`no cluster can be made: ${lack}`)
needPrograms()

const folder = mkdtempSync(join(tmpdir(), 'podwire-bench-ready-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
// A cluster ends with the process that started it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const images = makeImages(folder)
const names = ['podwire', 'nothing'] as const
const measured: Record<(typeof names)[number], FreshStart[]> = { podwire: [], nothing: [] }
const progress = new Progress('starts', names.length * rounds)
for (let round = 0; round < rounds; round++)
  for (const name of round % 2 === 0 ? names : names.toReversed()) {
    measured[name].push(await freshStart(images[name]))
    progress.step()
  }

const findings = new Findings()
Object.assign(findings.results, measured)
const shown = ({ median, low, high }: Estimate, all: readonly number[]): string =>
  `${median.toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)}), ${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}`
const rows = [['seconds to Ready', 'podwire', 'a program that does nothing', '']]
for (const [key, what] of [
  ['sinceAsked', 'since kubectl apply began'],
  ['sinceApplied', 'since it ended'],
] as const) {
  const [ours, theirs] = names.map(name => measured[name].map(start => start[key])) as [number[], number[]]
  const verdict = key === 'sinceApplied' ? findings.judge('Node Ready', estimate(ours), LIMIT) : ''
  rows.push([what, shown(estimate(ours), ours), shown(estimate(theirs), theirs), verdict])
}
console.log(table(`${rounds} fresh clusters of one node each, on ${machine}`, rows))
console.log(`written to ${findings.writeResults('bench-ready.json', rounds)}\n${findings}`)

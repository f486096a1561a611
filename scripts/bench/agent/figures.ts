// What is asked of the agent among 5,000 nodes beside what was measured: a table, and a verdict on each figure by its median.

import type { Findings } from '../findings.ts'
import { table } from '../report.ts'
import { estimate, median, quantile } from '../statistics.ts'
import type { Measured } from './round.ts'

interface Figure {
  readonly name: string
  /** Of what a round measured. */
  readonly of: string
  readonly unit: 'ms' | 'MB' | '%' | ''
  readonly limit?: number
  /** One value of each round's. */
  readonly part?: (values: readonly number[]) => number
}

const p99 = (values: readonly number[]): number => quantile(values, 0.99)
const highest = (values: readonly number[]): number => Math.max(...values)

const figures: readonly Figure[] = [
  { name: 'process start → conflist', of: 'start to conflist', unit: 'ms', limit: 1000 },
  { name: 'API answered → conflist', of: 'own node answered to conflist', unit: 'ms', limit: 300 },
  { name: 'list arrived → all routes', of: 'list arrived to all routes', unit: 'ms', limit: 1000 },
  { name: 'one change → kernel, p50', of: 'one change', unit: 'ms' },
  { name: 'one change → kernel, p99', of: 'one change', unit: 'ms', limit: 20, part: p99 },
  { name: 'changes sent by passes without any', of: 'sent by a pass', unit: '', limit: 0 },
  { name: 'RssAnon while the list arrives, peak', of: 'peak memory', unit: 'MB', limit: 150 },
  { name: 'RssAnon at rest', of: 'memory at rest', unit: 'MB', limit: 100, part: highest },
  { name: 'idle, of one processor', of: 'idle', unit: '%', limit: 0.2 },
  { name: 'idle with status reports', of: 'idle with status reports', unit: '%', limit: 0.2 },
]

export function agentTable(findings: Findings, title: string, rounds: readonly Measured[]): string {
  const rows = figures.flatMap(figure => {
    const values = rounds.flatMap(round => {
      const measured = round[figure.of]
      return measured === undefined ? [] : (figure.part ?? median)(measured)
    })
    return values.length === 0 ? [] : [row(findings, title, figure, values)]
  })
  return table(title, [['', 'median', '95 %, or all of few', 'rounds', ''], ...rows])
}

function row(findings: Findings, title: string, { name, unit, limit }: Figure, values: readonly number[]): string[] {
  const measured = estimate(values)
  const written = (value: number) => `${value.toFixed(unit === '%' ? 3 : unit === '' ? 0 : 1)} ${unit}`.trim()
  findings.results[`${title}, ${name}`] = { ...measured, values, limit }
  const strictly = { ...measured, low: measured.median, high: measured.median }
  const verdict = limit === undefined ? '' : findings.judge(`${title}, ${name}, ${unit}`, strictly, limit)
  const interval = `${written(measured.low)} … ${written(measured.high)}`
  return [name, written(measured.median), interval, String(values.length), verdict]
}

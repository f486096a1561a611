// What bench prints: rows under a title, columns as wide as they need to be.
import type { Estimate } from './statistics.ts'

export function table(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => [...(row[column] ?? '')].length)))
  const pad = (text: string, column: number) => {
    const fill = ' '.repeat((widths[column] ?? 0) - [...text].length)
    return column === 0 ? text + fill : fill + text
  }
  return `\n${title}\n${rows.map(row => `  ${row.map(pad).join('   ')}`.trimEnd()).join('\n')}\n`
}

export const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`

export const ratio = ({ median, low, high }: Estimate): string => `${digits(median)} (${digits(low)} … ${digits(high)})`

/** Three that count: 0.0171, 2.81. */
const digits = (value: number): string => (value >= 1 ? value.toFixed(2) : value.toPrecision(3))

export type Bound = '≤' | '≥'

/** A miss inside the interval is none. */
export const verdict = ({ low, high }: Estimate, limit: number, bound: Bound): string =>
  (bound === '≤' ? low <= limit : high >= limit) ? 'reached' : 'MISSED'

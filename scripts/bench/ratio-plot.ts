// A drawing in SVG of ratios: a row for each, its median with its interval beside the line that it is to reach.
import type { Estimate } from './statistics.ts'
import { COLOURS, line, scale, sheet, text } from './svg.ts'

export interface RatioRow {
  readonly name: string
  readonly ratio: Estimate
}

export interface RatioDrawing {
  readonly title: string
  readonly note: string
  readonly limit: number
  readonly rows: readonly RatioRow[]
}

const WIDTH = 860
const [LEFT, RIGHT, TOP] = [380, 740, 60]
const ROW = 24
const CAP = 4

export function ratioPlot({ title, note, limit, rows }: RatioDrawing): string {
  const bottom = TOP + rows.length * ROW
  const ends = [limit, 1, ...rows.flatMap(({ ratio }) => [ratio.low, ratio.high])]
  const [lowest, highest] = [Math.min(...ends), Math.max(...ends)]
  const step = highest - lowest > 0.4 ? 0.1 : 0.05
  const [from, to] = [Math.floor(lowest / step) * step, Math.ceil(highest / step) * step]
  const x = scale(from, to, LEFT, RIGHT)
  const marks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step)
  return sheet(WIDTH, bottom + 60, title, [
    text(20, 30, title, 'font-size="17" font-weight="bold"'),
    ...marks.flatMap(mark => [
      line([x(mark), TOP], [x(mark), bottom], mark.toFixed(2) === '1.00' ? '#333' : '#ddd'),
      text(x(mark), bottom + 18, mark.toFixed(2), 'text-anchor="middle"'),
    ]),
    line([x(limit), TOP - 6], [x(limit), bottom], COLOURS[2]),
    text(x(limit), TOP - 10, `≥ ${limit}`, `text-anchor="middle" fill="${COLOURS[2]}"`),
    ...rows.map(({ name, ratio }, index) => drawn(name, ratio, x, TOP + (index + 0.5) * ROW)),
    text(20, bottom + 44, note, 'fill="#666" font-size="11"'),
  ])
}

function drawn(name: string, { median, low, high }: Estimate, x: (value: number) => number, y: number): string {
  const colour = COLOURS[0]
  return [
    text(LEFT - 10, y + 4, name, 'text-anchor="end"'),
    line([x(low), y], [x(high), y], colour),
    ...[low, high].map(end => line([x(end), y - CAP], [x(end), y + CAP], colour)),
    `<circle cx="${x(median).toFixed(1)}" cy="${y}" r="3.5" fill="${colour}"/>`,
    text(RIGHT + 12, y + 4, median.toFixed(3)),
  ].join('\n')
}

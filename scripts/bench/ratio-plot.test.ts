import t from 'tap'
import { ratioPlot } from './ratio-plot.ts'

const all = (svg: string, pattern: RegExp): string[] => [...svg.matchAll(pattern)].map(([, found = '']) => found)
const svg = ratioPlot({
  title: 'ours / theirs',
  note: 'a note',
  limit: 0.98,
  rows: [
    { name: 'slower', ratio: { median: 0.9, low: 0.83, high: 0.95 } },
    { name: 'as fast', ratio: { median: 1, low: 0.99, high: 1.02 } },
  ],
})

t.test('the axis goes by steps of a twentieth as far as the intervals do', async t => {
  const marks = all(svg, /text-anchor="middle">(\d\.\d\d)</g)
  t.strictSame(marks, ['0.80', '0.85', '0.90', '0.95', '1.00', '1.05'])
})

t.test('a row has its name, its median and its interval in one line', async t => {
  const x = (ratio: number) => 380 + ((ratio - 0.8) / 0.25) * 360
  t.match(svg, '<text x="370" y="76" text-anchor="end">slower</text>')
  t.match(svg, `<line x1="${x(0.83).toFixed(1)}" y1="72" x2="${Math.round(x(0.95) * 10) / 10}" y2="72"`)
  t.match(svg, `<circle cx="${x(0.9).toFixed(1)}" cy="72"`)
  t.match(svg, '>0.900</text>')
})

t.test('the line to reach is drawn and said', async t => {
  const at = String(Math.round((380 + (0.18 / 0.25) * 360) * 10) / 10)
  t.match(svg, `x1="${at}"`)
  t.match(svg, '≥ 0.98</text>')
})

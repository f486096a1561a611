import t from 'tap'
import { type Drawing, plot } from './plot.ts'

const exactly = (median: number) => ({ median, low: median, high: median })
const drawing: Drawing = {
  title: 'How fast & how <often>',
  across: 'pods',
  up: 'per second',
  note: 'a note',
  series: [
    { name: 'flat', points: [1, 10, 100].map(x => ({ x, y: exactly(3_000) })) },
    {
      name: 'falling',
      points: [1, 10, 100].map((x, at) => ({ x, y: { median: 3_000 - 100 * at, low: 500, high: 3_900 } })),
    },
  ],
}
const all = (svg: string, pattern: RegExp): string[] => [...svg.matchAll(pattern)].map(([, found = '']) => found)

t.test('a logarithmic axis has a mark for each count, at one distance', async t => {
  const svg = plot(drawing)
  t.strictSame(all(svg, /y="380"[^>]*>([^<]+)</g), ['1', '10', '100'])
  const places = all(svg, /<text x="([\d.]+)" y="380"/g).map(Number)
  t.equal((places[1] ?? 0) - (places[0] ?? 0), (places[2] ?? 0) - (places[1] ?? 0))
})

t.test('the other axis begins at 0, and nothing is above it', async t => {
  const svg = plot(drawing)
  t.strictSame(all(svg, /text-anchor="end">([^<]+)</g), [
    '0',
    '500',
    '1,000',
    '1,500',
    '2,000',
    '2,500',
    '3,000',
    '3,500',
    '4,000',
  ])
  t.ok(all(svg, /y[12]="([\d.]+)"/g).every(y => Number(y) >= 60 && Number(y) <= 365))
})

t.test('a line goes through the medians, and a bar from low to high', async t => {
  const svg = plot(drawing)
  t.strictSame(all(svg, /points="([^"]+)"/g), ['97,135 317,135 537,135', '103,135 323,142.5 543,150'])
  t.match(svg, '<line x1="543" y1="322.5" x2="543" y2="67.5"', 'from 500 to 3,900')
})

t.test('names of lines that end together are written apart', async t => {
  const svg = plot(drawing)
  const [flat = 0, falling = 0] = all(svg, /<text x="564" y="([\d.]+)"/g).map(Number)
  t.equal(falling - flat, 18)
})

t.test('words are no markup', async t => {
  t.match(plot(drawing), '<title>How fast &#38; how &#60;often&#62;</title>')
})

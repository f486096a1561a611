// A drawing in SVG of what was measured: a line for each series over a logarithmic axis, each point with its interval.
import type { Estimate } from './statistics.ts'
import { COLOURS, fixed, line, scale, sheet, text } from './svg.ts'

export interface Series {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: Estimate }[]
}

export interface Drawing {
  readonly title: string
  /** What the axes say. */
  readonly across: string
  readonly up: string
  readonly note: string
  readonly series: readonly Series[]
}

const [WIDTH, HEIGHT] = [720, 440]
const frame = { left: 80, right: 560, top: 60, bottom: 360 }
const LABEL_DISTANCE = 18
const CAP = 4
// Beside each other, so that intervals of one count are not drawn over each other.
const DODGE = 6

export function plot({ title, across, up, note, series }: Drawing): string {
  const points = series.flatMap(({ points }) => points)
  const xs = [...new Set(points.map(({ x }) => x))].toSorted((a, b) => a - b)
  const marks = ticks(Math.max(...points.map(({ y }) => y.high)))
  const x = scale(Math.log10(xs[0] ?? 1), Math.log10(xs.at(-1) ?? 1), frame.left + 20, frame.right - 20)
  const y = scale(0, marks.at(-1) ?? 1, frame.bottom, frame.top)
  const place = { x: (value: number) => x(Math.log10(value)), y }
  const labels = apart(series.map(({ points }) => place.y(points.at(-1)?.y.median ?? 0)))
  const { left, right, top, bottom } = frame
  const [middle, centre] = [(left + right) / 2, (top + bottom) / 2]
  return sheet(WIDTH, HEIGHT, title, [
    text(left, 30, title, 'font-size="17" font-weight="bold"'),
    ...marks.flatMap(mark => [
      line([left, y(mark)], [right, y(mark)], mark === 0 ? '#333' : '#ddd'),
      text(left - 8, y(mark) + 4, grouped(mark), 'text-anchor="end"'),
    ]),
    ...xs.flatMap(value => [
      line([place.x(value), bottom], [place.x(value), bottom + 5], '#333'),
      text(place.x(value), bottom + 20, grouped(value), 'text-anchor="middle"'),
    ]),
    text(middle, bottom + 42, across, 'text-anchor="middle"'),
    text(20, centre, up, `text-anchor="middle" transform="rotate(-90 20 ${centre})"`),
    text(left, HEIGHT - 12, note, 'fill="#666" font-size="11"'),
    ...series.map((one, index) =>
      drawn(
        one,
        COLOURS[index % COLOURS.length] ?? '',
        moved(place, index - (series.length - 1) / 2),
        labels[index] ?? 0,
      ),
    ),
  ])
}

interface Place {
  x(value: number): number
  y(value: number): number
}

const moved = ({ x, y }: Place, steps: number): Place => ({ x: value => x(value) + steps * DODGE, y })

function drawn({ name, points }: Series, colour: string, place: Place, label: number): string {
  const path = points.map(({ x, y }) => `${fixed(place.x(x))},${fixed(place.y(y.median))}`).join(' ')
  const bars = points.flatMap(({ x, y: { low, high } }) => {
    const [at, bottom, top] = [place.x(x), place.y(low), place.y(high)]
    return [
      line([at, bottom], [at, top], colour),
      ...[bottom, top].map(end => line([at - CAP, end], [at + CAP, end], colour)),
    ]
  })
  const dots = points.map(({ x, y }) => `<circle cx="${fixed(place.x(x))}" cy="${fixed(place.y(y.median))}" r="3.5"/>`)
  return [
    `<g fill="${colour}">`,
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...bars,
    ...dots,
    text(frame.right + 4, label + 4, name),
    '</g>',
  ].join('\n')
}

/** From 0 until all is below, at four to eight round numbers. */
function ticks(highest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest))
  const step = [0.2, 0.5, 1, 2].map(part => part * power).find(step => highest / step <= 8) ?? power
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step)
}

/** Where labels go that would be written over each other. */
function apart(wanted: readonly number[]): number[] {
  const order = [...wanted.keys()].toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))
  const placed = [...wanted]
  for (const [rank, index] of order.entries()) {
    const above = order[rank - 1]
    if (above === undefined) continue
    placed[index] = Math.max(placed[index] ?? 0, (placed[above] ?? 0) + LABEL_DISTANCE)
  }
  return placed
}

const grouped = (value: number): string => value.toLocaleString('en')

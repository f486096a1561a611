// Connections per second through a port of the node, by how many pods have one: ours, and the reference portmap's by either of its means. Draws them, too.
import { join } from 'node:path'
import { interleaved } from '../interleaved.ts'
import { Node, nodeAddress, outside } from '../node.ts'
import { plot } from '../plot.ts'
import { ratio, table } from '../report.ts'
import { estimate, pairwise } from '../statistics.ts'
import { containerPort, mapping, nftablesPortmapAmong, oursAmong, portmapAmong } from './host-port.ts'
import type { Setting } from './setting.ts'

const counts = [1, 10, 100, 1_000]
const LIMIT = 0.97
// Their ports, and the next ones in the next turn, so that a port comes again long after what it left is forgotten.
const CONNECTIONS = 2_000
const FIRST_PORT = 1_024
const TURNS = 30

export function connections(setting: Setting): void {
  const sides = {
    podwire: nodesOf(others => oursAmong(setting.podwire, others)),
    'portmap, nftables': nodesOf(others => nftablesPortmapAmong(setting.reference, others)),
    'portmap, iptables': nodesOf(others => portmapAmong(setting.reference, others)),
  }
  const program = setting.compile(join(import.meta.dirname, 'connections.c'))
  const rates = (node: Node, protocol: 'tcp' | 'udp') => {
    let turn = 0
    return () => {
      const first = FIRST_PORT + (turn++ % TURNS) * CONNECTIONS
      const ports = [outside, nodeAddress, mapping.hostPort, CONNECTIONS, first].map(String)
      return Number(node.run([program, protocol, '/run/netns/one', String(containerPort), ...ports]))
    }
  }
  judge(setting, sides.podwire, rates)
  curves(setting, sides, node => rates(node, 'tcp'))
}

type Nodes = ReadonlyMap<number, Node>

function nodesOf(fill: (others: number) => (node: Node) => void): Nodes {
  return new Map(
    counts.map(count => {
      const node = new Node()
      fill(count - 1)(node)
      return [count, node]
    }),
  )
}

function judge(setting: Setting, nodes: Nodes, rates: (node: Node, protocol: 'tcp' | 'udp') => () => number): void {
  const [few = 0, many = 0] = [counts.at(0), counts.at(-1)]
  const nodeOf = (count: number) => nodes.get(count) as Node
  const rows = [['', `${few} pod`, `${many} pods`, 'ratio', '']]
  for (const protocol of ['tcp', 'udp'] as const) {
    const measured = interleaved(Math.max(40, setting.rounds), {
      few: rates(nodeOf(few), protocol),
      many: rates(nodeOf(many), protocol),
    })
    const against = pairwise((a, b) => a / b, measured.many, measured.few)
    const what = `${protocol} connections with ${many} pods’ ports`
    rows.push([
      protocol,
      perSecond(measured.few),
      perSecond(measured.many),
      ratio(against),
      setting.judge(what, against, LIMIT, '≥'),
    ])
    setting.results[what] = { few: estimate(measured.few), many: estimate(measured.many), against }
  }
  console.log(table('Connections per second through a port of the node (IPv4)', rows))
}

function curves(setting: Setting, sides: Readonly<Record<string, Nodes>>, rateOf: (node: Node) => () => number): void {
  const all = Object.entries(sides).flatMap(([side, nodes]) =>
    [...nodes].map(([count, node]) => [`${side}: ${count}`, rateOf(node)] as const),
  )
  const measured = interleaved(Math.max(10, Math.ceil(setting.rounds / 2)), Object.fromEntries(all))
  const series = Object.keys(sides).map(name => ({
    name,
    points: counts.map(count => ({ x: count, y: estimate(measured[`${name}: ${count}`] ?? []) })),
  }))
  const rows = series.map(({ name, points }) => [name, ...points.map(({ y }) => Math.round(y.median).toString())])
  console.log(table('The same by how many pods have one', [['', ...counts.map(String)], ...rows]))
  for (const { name, points } of series) setting.results[`connections ${name}`] = points
  const drawing = plot({
    title: 'Connections per second through a host port',
    across: 'pods with a host port on the node',
    up: 'TCP connections per second',
    note: 'median with its 95 % interval; one after the other, on one processor',
    series,
  })
  console.log(`drawn in ${setting.write('bench-host-ports.svg', drawing)}`)
}

const perSecond = (rates: readonly number[]): string => `${Math.round(estimate(rates).median)}/s`

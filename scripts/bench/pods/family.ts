// One family of the benchmark of pods: two nodes stand, each with a containerd of its own, and take turns.
import { Containerd } from '../../../e2e/containerd.ts'
import { Host } from '../../../e2e/host.ts'
import { tool } from '../../../e2e/tools.ts'
import type { Findings } from '../findings.ts'
import { dist, reference } from '../programs.ts'
import { Progress } from '../progress.ts'
import { ratio, table } from '../report.ts'
import { type Estimate, estimate, pairwise } from '../statistics.ts'
import { type Family, networks } from './networks.ts'
import { podsRound, type Round } from './round.ts'

const limits: Readonly<Record<Family, number>> = { IPv4: 0.9, 'dual-stack': 3 }

const signals = ['SIGINT', 'SIGTERM'] as const

export interface Size {
  readonly rounds: number
  /** Pods in each. */
  readonly count: number
  readonly atOnce: number
}

export async function measureFamily(family: Family, size: Size, findings: Findings): Promise<void> {
  await using podwire = await start(networks.podwire(family))
  await using other = await start(networks.reference(family))
  const nodes = { podwire, reference: other }
  const onSignal = () => void endAll(Object.values(nodes))
  for (const signal of signals) process.once(signal, onSignal)
  const measured = await inTurns(family, size, nodes)
  for (const signal of signals) process.off(signal, onSignal)
  const rows = [['', 'podwire', 'reference', 'ratio', '']]
  for (const what of ['made', 'removed'] as const) {
    const [ours, theirs] = [measured.podwire.map(round => round[what]), measured.reference.map(round => round[what])]
    const against = pairwise((a, b) => a / b, ours, theirs)
    const verdict =
      what === 'made' ? findings.judge(`${family}: pods made per second`, against, limits[family], '≥') : ''
    rows.push([`${what} per second`, shown(estimate(ours)), shown(estimate(theirs)), ratio(against), verdict])
  }
  findings.results[family] = { ...size, ...measured }
  console.log(table(`${family}: pods by containerd ${await podwire.version()}, ${size.rounds} rounds`, rows))
}

type Nodes<T> = Record<'podwire' | 'reference', T>

/** Both stand all the time; who comes first changes. */
async function inTurns(
  family: Family,
  { rounds, count, atOnce }: Size,
  nodes: Nodes<Containerd>,
): Promise<Nodes<Round[]>> {
  const measured: Nodes<Round[]> = { podwire: [], reference: [] }
  const progress = new Progress(family, 2 * (rounds + 1))
  for (let round = 0; round <= rounds; round++)
    for (const name of round % 2 === 0 ? (['podwire', 'reference'] as const) : (['reference', 'podwire'] as const)) {
      // The first is to warm up.
      const found = await podsRound(nodes[name], round === 0 ? atOnce : count, atOnce)
      if (round > 0) measured[name].push(found)
      progress.step()
    }
  return measured
}

async function start(network: object): Promise<Containerd> {
  const containerd = await Containerd.start(await Host.start(), tool('containerd'), [reference, dist])
  await containerd.useNetwork(network)
  return containerd
}

async function endAll(containerds: readonly Containerd[]): Promise<never> {
  for (const containerd of containerds) await containerd[Symbol.asyncDispose]()
  process.exit(130)
}

const shown = ({ median, low, high }: Estimate): string =>
  `${median.toFixed(1)} (${low.toFixed(1)} … ${high.toFixed(1)})`

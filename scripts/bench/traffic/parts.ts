// What is measured of traffic between nodes: two ways in two families, each by a stream, by requests on one connection, and by connections.
import { interleaved } from '../interleaved.ts'
import { succeed } from '../node.ts'
import { Progress } from '../progress.ts'
import { type Estimate, estimate, pairwise } from '../statistics.ts'
import { type Besides, type Family, families, type Way } from './lan.ts'
import { podwireSide, referenceSide, type Side } from './sides.ts'

interface Part {
  readonly title: string
  readonly way: Way
  readonly family: Family
  readonly besides: Besides
}

const ways: Readonly<Record<Way, string>> = { direct: 'direct', vxlan: 'VXLAN' }
const surroundings: Readonly<Record<Besides, string>> = { nothing: '', 'kube-proxy': ', beside kube-proxy’s rules' }

/** By name: direct4, direct4-kube-proxy, and so on. */
export const parts: Readonly<Record<string, Part>> = Object.fromEntries(
  (['direct', 'vxlan'] as const).flatMap(way =>
    families.flatMap(family =>
      (['nothing', 'kube-proxy'] as const).map(besides => {
        const title = `${ways[way]}, IPv${family}${surroundings[besides]}`
        return [`${way}${family}${besides === 'nothing' ? '' : `-${besides}`}`, { title, way, family, besides }]
      }),
    ),
  ),
)

/** How much of each is measured at once: milliseconds of a stream, else how many. */
export const kinds = { throughput: 400, requests: 6_000, connections: 1_000 } as const
export type Kind = keyof typeof kinds

export interface Pairs {
  readonly podwire: Estimate
  readonly reference: Estimate
  readonly ratio: Estimate
  readonly pairs: number
}

/** Both stand at the same time, and are measured in turns. */
export interface Sides {
  readonly podwire: Side
  readonly reference: Side
}

export function sidesOf({ way, besides }: Part): Sides {
  const podwire = podwireSide(way, besides)
  const reference = referenceSide(way, besides, podwire.mtu)
  if (podwire.mtu !== reference.mtu) throw new Error(`MTUs differ: ${podwire.mtu} and ${reference.mtu}`)
  return { podwire, reference }
}

const WARM_UPS = 2
// The next ones in the next turn, so that a port comes again long after what it left is forgotten.
const [FIRST_PORT, TURNS] = [10_000, 50]

export function measurePart({ title, family }: Part, sides: Sides, program: string, rounds: number): Map<Kind, Pairs> {
  const progress = new Progress(title, Object.keys(kinds).length * 2 * (rounds + WARM_UPS))
  let turn = 0
  const rate = (kind: Kind, { server, client }: Side) => {
    const first = FIRST_PORT + (turn++ % TURNS) * kinds.connections
    const ends = [server.namespace, client.namespace, server.addresses[family]]
    const perSecond = Number(succeed([program, kind, ...ends, `${kinds[kind]}`, `${first}`]))
    progress.step()
    return perSecond
  }
  return new Map(
    (Object.keys(kinds) as Kind[]).map(kind => {
      const things = { podwire: () => rate(kind, sides.podwire), reference: () => rate(kind, sides.reference) }
      const { podwire, reference } = interleaved(rounds, things, WARM_UPS)
      const ratio = pairwise((ours, theirs) => ours / theirs, podwire, reference)
      return [kind, { podwire: estimate(podwire), reference: estimate(reference), ratio, pairs: rounds }]
    }),
  )
}

import fc from 'fast-check'
import t from 'tap'
import { parsePrefix } from '../ip/prefix.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { Comparison } from './comparison.ts'
import { DesiredState } from './desired.ts'
import { type Change, type Difference, difference } from './difference.ts'
import type { Observation } from './observe.ts'
import type { ObservedRoute } from './observed.ts'

const self = clusterNode('a', '192.0.2.1', '10.244.1.0/24')
const here = {
  mode: 'auto',
  networks: [{ prefix: parsePrefix('192.0.2.0/24'), connected: 2 }],
  sources: {},
  underlay: 4,
} as const
const kernel = (): Observation => ({
  links: new Map(),
  addresses: new Set(),
  routes: new Map(),
  strangers: new Map(),
  foreign: new Map(),
  entries: new Map(),
  tunnel: undefined,
})

/** What the kernel holds once it has made these. */
function make({ routes, entries }: Observation, changes: readonly Change[]): void {
  for (const change of changes) {
    const [all, value] =
      'entry' in change
        ? [entries, change.entry]
        : [routes, { ...change.route, protocol: 113, isUnicast: change.route.device !== undefined }]
    all.delete(change.replaces ?? change.text)
    if (change.verb !== 'delete') (all as Map<string, unknown>).set(change.text, value)
  }
}

const told = ({ changes, problems }: Difference): string[] =>
  [
    ...changes.map(({ verb, text, replaces }) => `${verb} ${text} ${replaces}`),
    ...problems.map(problem => problem.message),
  ].toSorted()

// Few addresses and podCIDRs, so that nodes take over each other's.
const node = fc
  .record({ name: fc.nat(5), address: fc.nat(9), place: fc.constantFrom('192.0.2', '198.51.100') })
  .map(({ name, address, place }) => clusterNode(`n${name}`, `${place}.${address + 2}`, `10.244.${name + 2}.0/24`))
const stranger = (metric: number): ObservedRoute => ({
  family: 4,
  destination: '10.244.3.0/24',
  metric,
  gateway: '192.0.2.77',
  device: 2,
  protocol: 4,
  isUnicast: true,
})

interface Step {
  readonly nodes: readonly number[]
  /** Read anew, with somebody else's route of this metric among it. */
  readonly news: 'none' | number | undefined
  readonly isLost: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  nodes: fc.uniqueArray(fc.nat(11), { maxLength: 5 }),
  news: fc.constantFrom<Step['news']>(undefined, undefined, undefined, 'none', 0, 100),
  isLost: fc.boolean(),
})

t.test('however nodes and the kernel change, it finds what a comparison of all does', async t => {
  const agrees = (pool: ReturnType<typeof clusterNode>[], steps: readonly Step[]) => {
    const [state, comparison] = [new DesiredState(self, here), new Comparison()]
    let observed = kernel()
    return steps.every(({ nodes, news, isLost }) => {
      if (news !== undefined) {
        observed = { ...observed, foreign: new Map(news === 'none' ? [] : [['10.244.3.0/24', stranger(news)]]) }
        const [first = ''] = observed.routes.keys()
        if (isLost) observed.routes.delete(first)
      }
      const others = new Map(nodes.flatMap(at => pool[at % pool.length] ?? []).map(one => [one.name, one]))
      const desired = state.of([...others.values()])
      const [found, expected] = [comparison.difference(desired, observed), difference(desired, observed)]
      make(observed, expected.changes)
      return JSON.stringify(told(found)) === JSON.stringify(told(expected))
    })
  }
  const pool = fc.array(node, { minLength: 1, maxLength: 12 })
  t.doesNotThrow(() => fc.assert(fc.property(pool, fc.array(step, { maxLength: 12 }), agrees), { numRuns: 2000 }))
})

t.test('a single node in thousands is all that is compared', async t => {
  const [state, comparison, observed] = [new DesiredState(self, here), new Comparison(), kernel()]
  const nodes = Array.from({ length: 1000 }, (_, at) =>
    clusterNode(`n${at}`, `192.0.${2 + (at >> 8)}.${at & 255}`, `10.${at >> 8}.${at & 255}.0/24`),
  )
  const all = state.of(nodes)
  t.notOk(comparison.isSettled(all, observed))
  make(observed, comparison.difference(all, observed).changes)
  t.ok(comparison.isSettled(all, observed))
  const looked: string[] = []
  const get = (text: string) => void looked.push(text)
  const moved = state.of(nodes.with(500, clusterNode('n500', '192.0.2.9', '10.1.244.0/24')))
  comparison.difference(moved, Object.assign(observed, { routes: Object.assign(observed.routes, { get }) }))
  t.ok(looked.length > 0 && looked.length <= 2 * moved.touched.length, `${looked.length} looked at`)
})

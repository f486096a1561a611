import t from 'tap'
import { difference } from './difference.ts'
import { type NodeRoute, routeText } from './node-route.ts'
import type { ObservedRoute } from './observed.ts'
import { entryText, type TunnelEntry } from './tunnel-entry.ts'

const to = (destination: string, gateway: string, metric = 0): ObservedRoute => ({
  family: 4,
  destination,
  metric,
  gateway,
  device: 2,
  protocol: 113,
  isUnicast: true,
})
const is = (address: string, mac: string): TunnelEntry => ({ kind: 'neighbour', family: 4, address, mac })
const on = (mac: string, node: string): TunnelEntry => ({ kind: 'forwarding', mac, node })
const byText = <T>(items: readonly T[], text: (item: T) => string) => new Map(items.map(item => [text(item), item]))

interface State {
  readonly routes?: readonly ObservedRoute[]
  readonly entries?: readonly TunnelEntry[]
}

function changes(wanted: State, has: State & { readonly foreign?: ObservedRoute }) {
  const { changes, problems } = difference(
    { routes: byText<NodeRoute>(wanted.routes ?? [], routeText), entries: byText(wanted.entries ?? [], entryText) },
    {
      links: new Map(),
      addresses: new Set(),
      routes: byText(has.routes ?? [], routeText),
      strangers: new Map(),
      foreign: new Map(has.foreign && [[has.foreign.destination, has.foreign]]),
      entries: byText(has.entries ?? [], entryText),
      tunnel: undefined,
    },
  )
  return [...changes.map(({ verb, text }) => `${verb} ${text}`), ...problems.map(({ message }) => message)]
}

t.test('nothing where all is as it should be', async t => {
  const state = { routes: [to('10.244.2.0/24', '192.0.2.2')], entries: [is('10.244.3.0', '02:00')] }
  t.strictSame(changes(state, state), [])
})

t.test('adds what is missing and deletes what nobody wants any more', async t => {
  const found = changes({ routes: [to('10.244.2.0/24', '192.0.2.2')] }, { routes: [to('10.244.3.0/24', '192.0.2.3')] })
  t.strictSame(found, [
    'add 10.244.2.0/24 via 192.0.2.2 dev 2 metric 0',
    'delete 10.244.3.0/24 via 192.0.2.3 dev 2 metric 0',
  ])
})

t.test('another next hop takes the place of the old in one step', async t => {
  const found = changes({ routes: [to('10.244.2.0/24', '192.0.2.9')] }, { routes: [to('10.244.2.0/24', '192.0.2.2')] })
  t.strictSame(found, ['replace 10.244.2.0/24 via 192.0.2.9 dev 2 metric 0'])
})

t.test('of two of ours to one destination, one is replaced and one deleted', async t => {
  const twice = [to('10.244.2.0/24', '192.0.2.2'), to('10.244.2.0/24', '192.0.2.3')]
  t.strictSame(changes({ routes: [to('10.244.2.0/24', '192.0.2.9')] }, { routes: twice }), [
    'replace 10.244.2.0/24 via 192.0.2.9 dev 2 metric 0',
    'delete 10.244.2.0/24 via 192.0.2.3 dev 2 metric 0',
  ])
  t.strictSame(changes({ routes: twice.slice(0, 1) }, { routes: twice }), [
    'delete 10.244.2.0/24 via 192.0.2.3 dev 2 metric 0',
  ])
})

t.test('another metric is another route', async t => {
  const found = changes(
    { routes: [to('10.244.2.0/24', '192.0.2.2')] },
    { routes: [to('10.244.2.0/24', '192.0.2.2', 7)] },
  )
  t.strictSame(found, [
    'add 10.244.2.0/24 via 192.0.2.2 dev 2 metric 0',
    'delete 10.244.2.0/24 via 192.0.2.2 dev 2 metric 7',
  ])
})

t.test('a foreign route is left alone, and said', async t => {
  const stranger = (metric: number): ObservedRoute => ({ ...to('10.244.2.0/24', '192.0.2.77', metric), protocol: 4 })
  const foreign = stranger(0)
  const said = [
    "the route to 10.244.2.0/24 is somebody else's, and is left alone: 10.244.2.0/24 via 192.0.2.77 dev 2 metric 0 protocol 4",
  ]
  const routes = [to('10.244.2.0/24', '192.0.2.2', 3)]
  t.strictSame(changes({ routes }, { foreign }), said)
  t.strictSame(changes({ routes }, { routes, foreign }), said, 'where it came after ours, too')
  t.strictSame(changes({ routes }, { routes, foreign: stranger(100) }), [], 'unless it is behind ours')
  const former = [to('10.244.2.0/24', '192.0.2.2')]
  t.strictSame(
    changes({ routes }, { routes: former, foreign: stranger(100) }),
    ['add 10.244.2.0/24 via 192.0.2.2 dev 2 metric 3', 'delete 10.244.2.0/24 via 192.0.2.2 dev 2 metric 0'],
    'also where ours is to change',
  )
  t.match(changes({ routes }, { foreign: stranger(100) }), [/metric 100 protocol 4$/], 'and never taken over')
  t.strictSame(changes({}, { foreign }), [], 'and nobody else’s business is nothing to say')
})

t.test('what the tunnel must know comes before the routes, what it need not after them', async t => {
  const found = changes(
    { routes: [to('10.244.2.0/24', '10.244.2.0')], entries: [is('10.244.2.0', '02:02'), on('02:02', '198.51.100.2')] },
    { routes: [to('10.244.3.0/24', '10.244.3.0')], entries: [is('10.244.3.0', '02:03'), on('02:03', '198.51.100.3')] },
  )
  t.strictSame(found, [
    'add 10.244.2.0 is 02:02',
    'add 02:02 is on 198.51.100.2',
    'add 10.244.2.0/24 via 10.244.2.0 dev 2 metric 0',
    'delete 10.244.3.0/24 via 10.244.3.0 dev 2 metric 0',
    'delete 10.244.3.0 is 02:03',
    'delete 02:03 is on 198.51.100.3',
  ])
})

t.test('a node that moved: its entry is replaced', async t => {
  const found = changes({ entries: [on('02:02', '198.51.100.9')] }, { entries: [on('02:02', '198.51.100.2')] })
  t.strictSame(found, ['replace 02:02 is on 198.51.100.9'])
})

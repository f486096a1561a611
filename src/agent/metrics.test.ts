import t from 'tap'
import { createMetrics, type RangeUse } from './metrics.ts'

const lines = (text: string, name: string): string[] =>
  text.split('\n').filter(line => line.startsWith(name) && !line.startsWith('#'))

t.test('what was counted is in the text, each with its help', async t => {
  const metrics = createMetrics({ ranges: async () => [] })
  metrics.setNodes(3)
  metrics.setRoutes({ wanted: 4, present: 3 })
  metrics.countPass('changed', ['NODE_INVALID'])
  metrics.countPass('unchanged', [])
  metrics.countPass('unchanged', ['NODE_INVALID', 'NODE_INVALID'])
  metrics.countChanges(4)
  metrics.countReclaimed('address')
  metrics.countReclaimed('address', 2)
  metrics.countError('KERNEL_REFUSED')
  metrics.observeEvent(7)
  metrics.setReady(true)
  const text = await metrics.text()
  const expected = {
    podwire_nodes: ['podwire_nodes 3'],
    podwire_routes: ['podwire_routes_wanted 4', 'podwire_routes_present 3'],
    podwire_ready: ['podwire_ready 1'],
    podwire_passes_total: ['podwire_passes_total{result="changed"} 1', 'podwire_passes_total{result="unchanged"} 2'],
    podwire_problems: ['podwire_problems{code="NODE_INVALID"} 2'],
    podwire_changes_total: ['podwire_changes_total 4'],
    podwire_reclaimed_total: ['podwire_reclaimed_total{kind="address"} 3'],
    podwire_errors_total: ['podwire_errors_total{code="KERNEL_REFUSED"} 1'],
  }
  for (const [name, values] of Object.entries(expected)) t.same(lines(text, name).toSorted(), values.toSorted(), name)
  t.ok(text.includes('podwire_event_to_kernel_seconds_bucket{le="0.005"} 0\n'))
  t.ok(text.includes('podwire_event_to_kernel_seconds_bucket{le="0.01"} 1\n'))
  const named = new Set(text.match(/^podwire_\w+/gm)?.map(name => name.replace(/_(bucket|sum|count)$/, '')))
  for (const name of named) t.match(text, new RegExp(`^# HELP ${name} \\S.+$`, 'm'), name)
  t.notMatch(text, /^(?!podwire_|#)./m, 'nothing that nobody asked for')
})

t.test('ranges are asked for when somebody looks, and forgotten when they are gone', async t => {
  let asked = 0
  let ranges: RangeUse[] = [
    { range: '10.244.1.0/24', used: 3, free: 250 },
    { range: 'fd00::/64', used: 3 },
  ]
  const metrics = createMetrics({
    ranges: async () => {
      asked++
      return ranges
    },
  })
  t.equal(asked, 0)
  t.same(lines(await metrics.text(), 'podwire_addresses_used'), [
    'podwire_addresses_used{range="10.244.1.0/24"} 3',
    'podwire_addresses_used{range="fd00::/64"} 3',
  ])
  t.same(lines(await metrics.text(), 'podwire_addresses_free'), ['podwire_addresses_free{range="10.244.1.0/24"} 250'])
  t.equal(asked, 2)
  ranges = [{ range: '10.244.2.0/24', used: 0, free: 253 }]
  t.same(lines(await metrics.text(), 'podwire_addresses_free'), ['podwire_addresses_free{range="10.244.2.0/24"} 253'])
})

t.test('ranges that cannot be read are counted as an error, and the rest is told', async t => {
  const metrics = createMetrics({ ranges: () => Promise.reject(new Error('a disk')) })
  metrics.setNodes(1)
  const text = await metrics.text()
  t.match(text, /^podwire_nodes 1$/m)
  t.match(text, /^podwire_errors_total\{code="INPUT_OUTPUT"\} 1$/m)
})

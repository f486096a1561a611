import fc from 'fast-check'
import t from 'tap'
import { contains, parsePrefix } from '../ip/prefix.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { DesiredExceptions } from './table-exceptions.ts'

const nodes = [
  clusterNode('a', '192.0.2.1', '10.244.1.0/24 fd00:1::/64'),
  clusterNode('b', '192.0.2.2', '10.244.2.0/24 fd00:2::/64'),
]
const desired = (cluster: string[], more: string[], members = nodes): string[] =>
  [
    ...new DesiredExceptions().of({ cluster: cluster.map(parsePrefix), members, more: more.map(parsePrefix) }),
  ].toSorted()

t.test('the podCIDRs of all nodes, where nobody says what the cluster is', async t => {
  t.strictSame(desired([], []), ['10.244.1.0/24', '10.244.2.0/24', 'fd00:1::/64', 'fd00:2::/64'])
})

t.test('podCIDRs in a row are one', async t => {
  const row = Array.from({ length: 5000 }, (_, i) => clusterNode(`n${i}`, '', `10.${i >> 8}.${i & 255}.0/24`))
  t.strictSame(desired([], [], row), ['10.0.0.0/12', '10.16.0.0/15', '10.18.0.0/16', '10.19.0.0/17', '10.19.128.0/21'])
})

t.test('the cluster, where somebody does: nodes to come are in it', async t => {
  t.strictSame(desired(['10.244.0.0/16', 'fd00::/16'], []), ['10.244.0.0/16', 'fd00::/16'])
  t.strictSame(desired(['10.244.0.0/16'], ['10.9.0.0/24', 'fd00:1::/64']), [
    '10.244.0.0/16',
    '10.9.0.0/24',
    'fd00:1::/64',
  ])
})

t.test('nothing is in it twice, however it is cut', async t => {
  t.strictSame(desired([], ['10.244.0.0/16', '10.244.1.0/24']), ['10.244.0.0/16', 'fd00:1::/64', 'fd00:2::/64'])
  t.strictSame(desired([], ['10.244.1.7/32', 'fd00:2::/64']), [
    '10.244.1.0/24',
    '10.244.2.0/24',
    'fd00:1::/64',
    'fd00:2::/64',
  ])
  t.strictSame(desired([], ['10.0.0.9/8', 'fd00::/8', 'fd00:1::/64']), ['10.0.0.0/8', 'fd00::/8'])
})

t.test('with nobody and nothing, nothing', async t => {
  t.strictSame(desired([], [], []), [])
})

t.test('covers all that is asked for, and no two of it overlap', async t => {
  const prefix = fc
    .record({ value: fc.integer({ min: 0, max: 255 }), length: fc.integer({ min: 0, max: 8 }) })
    .map(({ value, length }) => `10.0.0.${value & (0xff00 >> length) & 0xff}/${24 + length}`)
  // As membership leaves them: without overlaps.
  const cidrs = fc.uniqueArray(fc.integer({ min: 0, max: 15 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 5 }), cidrs, (more, members) => {
      const gathered = members.map(i => `10.0.0.${i * 16}/28`)
      const found = desired([], more, [clusterNode('a', '', gathered.join(' '))]).map(parsePrefix)
      for (const text of [...more, ...gathered]) {
        const { address, length } = parsePrefix(text)
        if (!found.some(one => one.length <= length && contains(one, address))) throw new Error(`${text} is missing`)
      }
      for (const [i, a] of found.entries())
        for (const [j, b] of found.entries())
          if (i !== j && a.length <= b.length && contains(a, b.address)) throw new Error('two overlap')
      const asked = [...more, ...gathered].map(parsePrefix)
      for (let last = 0; last < 256; last++) {
        const { address } = parsePrefix(`10.0.0.${last}/32`)
        const isIn = (all: typeof found) => all.some(one => contains(one, address))
        if (isIn(found) !== isIn(asked)) throw new Error(`10.0.0.${last}`)
      }
    }),
  )
  t.pass()
})

t.test('one node more, gone or changed, as if all were computed anew', async t => {
  const one = new DesiredExceptions()
  const of = (...members: typeof nodes) => [...one.of({ cluster: [], members, more: [parsePrefix('10.244.0.0/23')] })]
  const c = clusterNode('c', '192.0.2.3', '10.244.3.0/24')
  t.strictSame(of(...nodes), ['10.244.0.0/23', '10.244.2.0/24', 'fd00:1::/64', 'fd00:2::/64'])
  t.strictSame(of(...nodes, c).includes('10.244.2.0/23'), true)
  t.strictSame(of(c), ['10.244.0.0/23', '10.244.3.0/24'])
  t.strictSame([...one.of({ cluster: [], members: [c], more: [parsePrefix('10.244.2.0/23')] })], ['10.244.2.0/23'])
})

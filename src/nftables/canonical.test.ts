import t from 'tap'
import { areSame } from './canonical.ts'
import { begins, hasAny, is, isIn, isNotIn } from './condition.ts'
import type { Expression } from './expression.ts'
import { counter, dnat, masquerade, verdict } from './statement.ts'

t.test('what a counter has counted makes no difference', async t => {
  const counted: Expression[] = [{ name: 'counter', data: { bytes: 100, packets: 1 } }]
  t.ok(areSame(counter(), counted))
})

t.test('nor does what the kernel fills in', async t => {
  const target = dnat('ip', { address: '10.0.0.1', port: 80 })
  const told = target.map(({ name, data }) =>
    name === 'nat' ? { name, data: { ...data, addressMaximum: 1, portMaximum: 2, flags: 3 } } : { name, data },
  )
  t.ok(areSame(target, told as Expression[]))
  t.ok(areSame(isIn('ip saddr', 'pods'), isIn('ip saddr', 'pods').map(withData({ flags: 0 }))))
  t.ok(areSame(hasAny('ct state', ['new']), hasAny('ct state', ['new']).map(withData({ flags: 0 }))))
})

t.test('everything else does', async t => {
  const rules = [
    is('ip saddr', '10.0.0.1'),
    is('ip saddr', '10.0.0.2'),
    is('ip daddr', '10.0.0.1'),
    is('ip saddr', '10.0.0.0/24'),
    is('ip saddr', '10.0.0.0/23'),
    isIn('ip saddr', 'pods'),
    isIn('ip saddr', 'others'),
    isNotIn('ip saddr', 'pods'),
    begins('meta iifname', 'pw'),
    is('meta iifname', 'pw'),
    verdict('drop'),
    verdict('accept'),
    verdict('jump a'),
    verdict('jump b'),
    masquerade(),
    masquerade({ fullyRandom: true }),
    counter(),
    counter('named'),
    dnat('ip', { address: '10.0.0.1' }),
    dnat('ip', { address: '10.0.0.1', port: 80 }),
    dnat('ip', { fields: 'th dport', map: 'ports', hasPort: true }),
    dnat('ip', { fields: 'th dport', map: 'ports', hasPort: false }),
    [],
  ]
  for (const [at, rule] of rules.entries())
    for (const [other, more] of rules.entries()) t.equal(areSame(rule, more), at === other, `${at} and ${other}`)
})

const withData =
  (more: object) =>
  ({ name, data }: Expression): Expression =>
    ({ name, data: { ...data, ...more } }) as Expression

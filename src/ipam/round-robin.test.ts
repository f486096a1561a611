import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { formatRange } from '../ip/range.ts'
import { rangeSets } from './range-set.ts'
import { roundRobin } from './round-robin.ts'

const [one = [], two = []] = rangeSets([
  [{ subnet: '10.1.0.0/29' }],
  [{ subnet: '10.2.0.0/29' }, { subnet: '10.3.0.0/29' }, { subnet: '10.4.0.0/29' }],
])
const order = (set: typeof one, last?: string) =>
  roundRobin(set, last === undefined ? undefined : parseAddress(last))
    .map(formatRange)
    .join(' ')

t.test('starts at the beginning where nothing was reserved before', async t => {
  t.equal(order(one), '10.1.0.1-10.1.0.6')
})

t.test('starts at the beginning where the last one lies elsewhere', async t => {
  t.equal(order(one, '10.9.0.1'), '10.1.0.1-10.1.0.6')
  t.equal(order(one, 'fd00::1'), '10.1.0.1-10.1.0.6')
})

t.test('goes on after the last one and tries it last', async t => {
  t.equal(order(one, '10.1.0.3'), '10.1.0.4-10.1.0.6 10.1.0.1-10.1.0.3')
  t.equal(order(one, '10.1.0.1'), '10.1.0.2-10.1.0.6 10.1.0.1-10.1.0.1')
  t.equal(order(one, '10.1.0.6'), '10.1.0.1-10.1.0.6')
})

t.test('crosses from range to range and wraps', async t => {
  t.equal(order(two, '10.3.0.2'), '10.3.0.3-10.3.0.6 10.4.0.1-10.4.0.6 10.2.0.1-10.2.0.6 10.3.0.1-10.3.0.2')
  t.equal(order(two, '10.4.0.6'), '10.2.0.1-10.2.0.6 10.3.0.1-10.3.0.6 10.4.0.1-10.4.0.6')
})

import t from 'tap'
import { formatAddress, parseAddress } from '../ip/address.ts'
import { rangeSets } from './range-set.ts'
import { requestedOf } from './requested.ts'

const sets = rangeSets([[{ subnet: '10.1.0.0/24' }, { subnet: '10.2.0.0/24' }], [{ subnet: 'fd00::/64' }]])
const placed = (...texts: string[]) =>
  requestedOf(sets, texts.map(parseAddress)).map(address => address && formatAddress(address))

t.test('each goes to the set it lies in', async t => {
  t.strictSame(placed(), [undefined, undefined])
  t.strictSame(placed('fd00::7'), [undefined, 'fd00::7'])
  t.strictSame(placed('fd00::7', '10.2.0.7'), ['10.2.0.7', 'fd00::7'])
})

t.test('the same one twice is one', async t => {
  t.strictSame(placed('10.1.0.7', '10.1.0.7'), ['10.1.0.7', undefined])
})

t.test('one outside all sets, or a second of one set, has no place', async t => {
  const invalid = (names: string) => ({
    code: 'CONFIG_INVALID',
    message: new RegExp(`^failed to allocate all requested IPs: ${names};`),
  })
  t.throws(() => placed('10.9.0.1'), invalid('10.9.0.1'))
  t.throws(() => placed('10.1.0.7', '10.2.0.7'), invalid('10.2.0.7'))
  t.throws(() => placed('10.9.0.1', '10.1.0.7', 'fd01::1'), invalid('10.9.0.1 fd01::1'))
})

t.test('a gateway is given to nobody', async t => {
  t.throws(() => placed('10.2.0.1'), {
    code: 'CONFIG_INVALID',
    message: /^failed to allocate for range 0: requested ip 10.2.0.1 is subnet's gateway/,
  })
})

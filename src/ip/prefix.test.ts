import { BlockList } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { type Address, bitsOf, formatAddress, isSame, next, parseAddress, previous } from './address.ts'
import { contains, firstOf, formatPrefix, hasHostBits, hostPrefix, lastOf, type Prefix, parsePrefix } from './prefix.ts'

const prefix = fc.constantFrom<4 | 6>(4, 6).chain(family =>
  fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << BigInt(bitsOf(family))) - 1n }), fc.nat(bitsOf(family)))
    .map(([value, length]): Prefix => ({ address: { family, value }, length }))
    // As text, an IPv6 address with an IPv4 one inside is IPv4.
    .filter(({ address: { family, value } }) => family === 4 || value >> 32n !== 0xffffn),
)
const textOf = (address: Address): string => formatAddress(address)
const named = ({ family }: Address): 'ipv4' | 'ipv6' => (family === 4 ? 'ipv4' : 'ipv6')

t.test('a prefix is read, keeps its host bits, and is written back', async t => {
  t.match(parsePrefix('10.1.2.3/24'), { address: { family: 4, value: 0x0a010203n }, length: 24 })
  fc.assert(fc.property(prefix, prefix => formatPrefix(parsePrefix(formatPrefix(prefix))) === formatPrefix(prefix)))
})

t.test('what is no prefix is refused by name', async t => {
  for (const text of [
    '10.1.2.3',
    '10.1.2.3/',
    '10.1.2.3/33',
    '10.1.2.3/-1',
    'fd00::/129',
    '/24',
    '10.1.2/24',
    '10.1.2.3/1/2',
    '10.1.2.3/ 8',
  ])
    t.throws(() => parsePrefix(text), new RangeError(`invalid CIDR address: ${text}`), text)
})

t.test('the first and last address, and what lies around them', async t => {
  t.equal(textOf(firstOf(parsePrefix('10.1.2.3/24'))), '10.1.2.0')
  t.equal(textOf(lastOf(parsePrefix('10.1.2.3/24'))), '10.1.2.255')
  t.equal(textOf(firstOf(parsePrefix('10.1.2.3/0'))), '0.0.0.0')
  t.equal(textOf(lastOf(parsePrefix('fd00::7/64'))), 'fd00::ffff:ffff:ffff:ffff')
  fc.assert(
    fc.property(
      prefix.filter(({ length }) => length > 0),
      prefix => {
        const inside = [firstOf(prefix), prefix.address, lastOf(prefix)]
        const outside = [previous(firstOf(prefix)), next(lastOf(prefix))]
        return inside.every(a => contains(prefix, a)) && !outside.some(a => contains(prefix, a))
      },
    ),
  )
})

t.test('contains agrees with node:net', async t => {
  fc.assert(
    fc.property(prefix, prefix, fc.boolean(), (prefix, other, isNear) => {
      const list = new BlockList()
      list.addSubnet(textOf(prefix.address), prefix.length, named(prefix.address))
      const address = isNear ? lastOf(prefix) : other.address
      // node:net matches an IPv4 address against IPv6 subnets too, in its mapped form.
      if (address.family !== prefix.address.family) return !contains(prefix, address)
      return contains(prefix, address) === list.check(textOf(address), named(address))
    }),
    { numRuns: 2000 },
  )
  t.notOk(contains(parsePrefix('::/0'), parseAddress('10.0.0.1')), 'families do not mix')
})

t.test('host bits are seen, and one address alone has none', async t => {
  t.ok(hasHostBits(parsePrefix('10.1.2.3/24')))
  t.notOk(hasHostBits(parsePrefix('10.1.2.0/24')))
  t.equal(formatPrefix(hostPrefix(parseAddress('10.1.2.3'))), '10.1.2.3/32')
  t.equal(formatPrefix(hostPrefix(parseAddress('fd00::1'))), 'fd00::1/128')
  fc.assert(
    fc.property(prefix, prefix => {
      const alone = hostPrefix(prefix.address)
      return !hasHostBits(alone) && isSame(firstOf(alone), lastOf(alone))
    }),
  )
})

import { isIP } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import {
  type Address,
  addressFrom,
  bitsOf,
  compare,
  formatAddress,
  isSame,
  next,
  parseAddress,
  previous,
} from './address.ts'

const family = fc.constantFrom<4 | 6>(4, 6)
const address = family.chain(family =>
  fc.bigInt({ min: 0n, max: (1n << BigInt(bitsOf(family))) - 1n }).map((value): Address => ({ family, value })),
)
// Zero groups are rare among random numbers and are what the text form is about.
const sparse = fc
  .array(fc.constantFrom(0n, 0n, 1n, 0xfn, 0xffffn), { minLength: 8, maxLength: 8 })
  .map((words): Address => ({ family: 6, value: words.reduce<bigint>((value, word) => (value << 16n) | word, 0n) }))
  .filter(({ value }) => value >> 32n !== 0xffffn)

// text → what Go's net.ParseIP(text).String() prints; undefined where it returns nil
const asGo: Record<string, string | undefined> = {
  '0.0.0.0': '0.0.0.0',
  '255.255.255.255': '255.255.255.255',
  '10.0.0.7': '10.0.0.7',
  '010.0.0.7': undefined,
  '10.0.0.256': undefined,
  '10.0.0': undefined,
  '10.0.0.7.1': undefined,
  '10.0.0.': undefined,
  '10.0.0.+7': undefined,
  ' 10.0.0.7': undefined,
  '10.0.0.7/24': undefined,
  '0x0a.0.0.7': undefined,
  '': undefined,
  ':': undefined,
  '::': '::',
  '::1': '::1',
  '1::': '1::',
  ':::': undefined,
  '1::2::3': undefined,
  ':1': undefined,
  '1:': undefined,
  'FD00::A': 'fd00::a',
  'fd00:0:0:0:0:0:0:1': 'fd00::1',
  '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
  '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
  '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
  '1:2:3:4:5:6:7:8': '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::': '1:2:3:4:5:6:7:0',
  '::2:3:4:5:6:7:8': '0:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::8': undefined,
  '1:2:3:4:5:6:7': undefined,
  '1:2:3:4:5:6:7:8:9': undefined,
  'fd00::12345': undefined,
  'fd00::g': undefined,
  'fe80::1%eth0': undefined,
  '::ffff:10.0.0.7': '10.0.0.7',
  '::ffff:a00:7': '10.0.0.7',
  '::10.0.0.7': '::a00:7',
  '64:ff9b::10.0.0.7': '64:ff9b::a00:7',
  '1:2:3:4:5:6:10.0.0.7': '1:2:3:4:5:6:a00:7',
  '1:2:3:4:5:6:7:10.0.0.7': undefined,
  '::10.0.0.07': undefined,
  '10.0.0.7::': undefined,
  '::10.0.0.7:1': undefined,
}

for (const [text, expected] of Object.entries(asGo)) {
  t.test(`"${text}" is ${expected ?? 'no address'}`, async t => {
    if (expected !== undefined) return t.equal(formatAddress(parseAddress(text)), expected)
    t.equal(addressFrom(text), undefined)
    return t.throws(() => parseAddress(text), new RangeError(`invalid IP address: ${text}`))
  })
}

t.test('what is written is read back, and is an address to node:net', async t => {
  fc.assert(
    fc.property(fc.oneof(address, sparse), address => {
      const text = formatAddress(address)
      const isMapped = address.family === 6 && address.value >> 32n === 0xffffn
      return isMapped || (isSame(parseAddress(text), address) && isIP(text) === address.family)
    }),
    { numRuns: 2000 },
  )
  t.pass('for 2,000 addresses')
})

t.test('IPv6 is written as URL writes it, which follows RFC 5952', async t => {
  fc.assert(
    fc.property(
      fc.oneof(
        sparse,
        address.filter(({ family }) => family === 6),
      ),
      address => new URL(`http://[${formatAddress(address)}]/`).hostname === `[${formatAddress(address)}]`,
    ),
    { numRuns: 2000 },
  )
  t.pass('for 2,000 addresses')
})

t.test('any text is an address to us exactly where it is one to node:net', async t => {
  const noise = fc.array(fc.constantFrom(...'0127af:.', '::', '255', '256', '00', 'ffff', '1.2.3.4'), { maxLength: 14 })
  const damaged = fc
    .tuple(fc.oneof(address, sparse), fc.nat(40), fc.constantFrom('', ':', '.', '0', 'f', 'g', '%'))
    .map(([address, at, mark]) => formatAddress(address).slice(0, at) + mark + formatAddress(address).slice(at + 1))
  fc.assert(
    fc.property(
      fc.oneof(
        noise.map(parts => parts.join('')),
        damaged,
      ),
      text => text.includes('%') || (addressFrom(text) !== undefined) === isIP(text) > 0,
    ),
    { numRuns: 20_000 },
  )
  t.pass('for 20,000 texts')
})

t.test('addresses are ordered, and next and previous undo each other', async t => {
  fc.assert(
    fc.property(address, address, (a, b) => {
      const order = Math.sign(compare(a, b))
      return (
        order === -Math.sign(compare(b, a)) &&
        (order === 0) === isSame(a, b) &&
        compare(a, next(a)) < 0 &&
        isSame(previous(next(a)), a)
      )
    }),
  )
  t.ok(compare(parseAddress('255.255.255.255'), parseAddress('::')) < 0, 'IPv4 comes first')
  t.equal(formatAddress(next(parseAddress('10.0.0.255'))), '10.0.1.0')
})

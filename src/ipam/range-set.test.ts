import fc from 'fast-check'
import t from 'tap'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { hostLocal, skipWithoutHostLocal } from '../testing/host-local.ts'
import { type RawRange, rangeSets } from './range-set.ts'

const plain = (raw: readonly RawRange[][]) =>
  rangeSets(raw).map(set =>
    set.map(({ subnet, start, end, gateway }) =>
      [formatPrefix(subnet), formatAddress(start), formatAddress(end), formatAddress(gateway)].join(' '),
    ),
  )

t.test('what is not given is the reference’s default', async t => {
  t.strictSame(plain([[{ subnet: '10.1.2.0/24' }]]), [['10.1.2.0/24 10.1.2.1 10.1.2.254 10.1.2.1']])
  t.strictSame(plain([[{ subnet: 'fd00::/64' }]]), [['fd00::/64 fd00::1 fd00::ffff:ffff:ffff:ffff fd00::1']])
  t.strictSame(plain([[{ subnet: '10.1.2.0/30', gateway: '10.9.9.9' }]]), [['10.1.2.0/30 10.1.2.1 10.1.2.2 10.9.9.9']])
  t.strictSame(plain([[{ subnet: '10.1.2.0/24', rangeStart: '', rangeEnd: '10.1.2.9' }]]), [
    ['10.1.2.0/24 10.1.2.1 10.1.2.9 10.1.2.1'],
  ])
})

t.test('one subnet may be shared by ranges that do not overlap', async t => {
  const low = { subnet: '10.1.2.0/24', rangeEnd: '10.1.2.9' }
  const high = { subnet: '10.1.2.0/24', rangeStart: '10.1.2.10' }
  t.equal(plain([[low, high]]).flat().length, 2)
  t.equal(plain([[low], [high]]).flat().length, 2)
})

const refused: Record<string, RawRange[][]> = {
  'no IP ranges specified': [],
  'invalid range set 0: empty range set': [[]],
  'invalid range set 0: invalid CIDR address: 10.1.2.0': [[{ subnet: '10.1.2.0' }]],
  'invalid range set 0: invalid IP address: 10.1.2': [[{ subnet: '10.1.2.0/24', gateway: '10.1.2' }]],
  'invalid range set 0: Network 192.0.2.0/31 too small to allocate from': [[{ subnet: '192.0.2.0/31' }]],
  'invalid range set 0: Network fd00::7/128 too small to allocate from': [[{ subnet: 'fd00::7/128' }]],
  'invalid range set 0: Network has host bits set. For a subnet mask of length 24 the network address is 192.0.2.0': [
    [{ subnet: '192.0.2.12/24' }],
  ],
  'invalid range set 0: RangeStart 192.0.3.0 not in network 192.0.2.0/24': [
    [{ subnet: '192.0.2.0/24', rangeStart: '192.0.3.0' }],
  ],
  'invalid range set 0: RangeEnd fd00::1 not in network 192.0.2.0/24': [
    [{ subnet: '192.0.2.0/24', rangeEnd: 'fd00::1' }],
  ],
  'invalid range set 0: RangeStart 192.0.2.50 not in network 192.0.2.0/24': [
    [{ subnet: '192.0.2.0/24', rangeStart: '192.0.2.50', rangeEnd: '192.0.2.40' }],
  ],
  'invalid range set 1: mixed address families': [
    [{ subnet: '10.9.0.0/24' }],
    [{ subnet: '10.1.0.0/24' }, { subnet: 'fd00::/64' }],
  ],
  'invalid range set 0: subnets 10.1.0.1-10.1.3.254 and 10.1.2.1-10.1.2.254 overlap': [
    [{ subnet: '10.1.0.0/22' }, { subnet: '10.1.2.0/24' }],
  ],
  'range set 0 overlaps with 2': [[{ subnet: '10.1.0.0/22' }], [{ subnet: 'fd00::/64' }], [{ subnet: '10.1.2.0/24' }]],
}

for (const [message, raw] of Object.entries(refused))
  t.test(`refuses: ${message}`, async t =>
    t.throws(() => rangeSets(raw), { code: 'CONFIG_INVALID', message: new RegExp(`^${RegExp.escape(message)}`) }),
  )

t.test('accepts and refuses as the reference does', { skip: skipWithoutHostLocal }, async t => {
  // Not .255: the reference takes a start beyond the default end, and then finds no address.
  const address = fc
    .tuple(fc.constantFrom('10.1.0', '10.1.1', '10.2.0'), fc.constantFrom(0, 1, 2, 9, 100, 254))
    .map(([net, host]) => `${net}.${host}`)
  const subnet = fc.oneof(
    fc.constantFrom(
      '10.1.0.0/24',
      '10.1.1.0/24',
      '10.2.0.0/24',
      '10.1.0.0/16',
      '10.1.0.4/30',
      'fd00::/64',
      'fd01::/120',
    ),
    fc
      .tuple(fc.constantFrom('10.1.0.0', '10.1.1.0', '10.1.0.4', '10.2.0.0', 'fd00::', 'fd00::1:0'), fc.nat(32))
      .map(([net, length]) => `${net}/${length}`),
  )
  const start = fc.oneof(address, fc.constant('fd00::9'))
  const raw = fc.oneof(
    subnet.map(subnet => ({ subnet })),
    fc.record({ subnet, rangeStart: start, rangeEnd: address, gateway: address }, { requiredKeys: ['subnet'] }),
  )
  const sets = fc.array(fc.array(raw, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })
  // The reference blames the start, whatever its value, where the end lies outside.
  const blame = (message = '') => message.replace(/Range(Start|End) \S+/, 'an end')
  const dataDir = t.testdir()
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(sets, async ranges => {
      // A call that allocates nothing and so needs the configuration alone.
      const { msg } = await hostLocal({ command: 'DEL', containerId: 'abc', dataDir, network: 'net', ranges })
      try {
        rangeSets(ranges)
        accepted++
        return msg === undefined
      } catch (error) {
        return error instanceof Error && blame(error.message) === blame(msg)
      }
    }),
    { numRuns: 400 },
  )
  t.ok(accepted > 10, `for 400 configurations, ${accepted} of them accepted`)
})

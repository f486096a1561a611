import fc from 'fast-check'
import t from 'tap'
import { bitsOf } from '../ip/address.ts'
import { contains, firstOf, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { Claims } from './claims.ts'

t.test('finds the holder of what is the same, inside, and around', async t => {
  const claims = new Claims()
  claims.hold(parsePrefix('10.244.1.0/24'), 'node a')
  claims.hold(parsePrefix('fd00:10:244:1::/64'), 'node a')
  for (const text of ['10.244.1.0/24', '10.244.1.7/32', '10.244.0.0/16', '0.0.0.0/0', 'fd00:10:244:1::/64', 'fd00::/8'])
    t.equal(claims.holderOf(parsePrefix(text)), 'node a', text)
  for (const text of ['10.244.2.0/24', '10.244.0.0/24', 'fd00:10:244:2::/64', '::/8'])
    t.equal(claims.holderOf(parsePrefix(text)), undefined, text)
})

t.test('agrees with looking at every pair', async t => {
  // Few addresses, so that many overlap.
  const prefix = fc
    .tuple(fc.constantFrom<4 | 6>(4, 6), fc.nat(63), fc.integer({ min: 26, max: 32 }))
    .map(([family, host, length]): Prefix => {
      const whole = { address: { family, value: BigInt(host) }, length: length + bitsOf(family) - 32 }
      return { ...whole, address: firstOf(whole) }
    })
  const overlap = (a: Prefix, b: Prefix) => contains(a, b.address) || contains(b, a.address)
  const agrees = (prefixes: Prefix[]): boolean => {
    const claims = new Claims()
    return prefixes.every((each, at) => {
      const expected = prefixes.slice(0, at).some(earlier => overlap(earlier, each))
      const isHeld = claims.holderOf(each) !== undefined
      claims.hold(each, `node ${at}`)
      return isHeld === expected
    })
  }
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(prefix, { maxLength: 30 }), agrees)))
})

t.test('what is released is as if it had never been held', async t => {
  const claims = new Claims()
  for (const text of ['10.244.1.0/24', '10.244.1.0/24', '10.244.2.0/24', '10.244.0.0/16'])
    claims.hold(parsePrefix(text), 'x')
  const isHeld = (text: string) => claims.holderOf(parsePrefix(text)) !== undefined
  claims.release(parsePrefix('10.244.0.0/16'))
  claims.release(parsePrefix('10.244.1.0/24'))
  t.ok(isHeld('10.244.1.0/24'), 'held twice, released once')
  claims.release(parsePrefix('10.244.1.0/24'))
  t.notOk(isHeld('10.244.1.0/24'))
  t.ok(isHeld('10.244.0.0/16'), 'for what is still held inside')
  claims.release(parsePrefix('10.244.2.0/24'))
  t.notOk(isHeld('10.244.0.0/16'))
})

import fc from 'fast-check'
import t from 'tap'
import { type Address, parseAddress } from '../ip/address.ts'
import { contains, parsePrefix } from '../ip/prefix.ts'
import { parseConfig } from './config.ts'
import { masqueradeExcept } from './masquerade.ts'

const least = { cniVersion: '1.0.0', name: 'pods' }
const ranges = { type: 'podwire-ipam', ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:1::/64' }]] }
const read = (more: object, subnets: readonly string[] = []) =>
  masqueradeExcept(parseConfig({ ...least, ...more }), subnets)

t.test('off unless asked for', async t => {
  for (const more of [{}, { ipMasq: false }, { ipMasq: null }, { masquerade: {} }, { masquerade: null }])
    t.equal(read({ ipam: ranges, ...more }), undefined, JSON.stringify(more))
  t.equal(read({ ipMasq: false, masquerade: { except: ['10.0.0.0/8'] } }), undefined)
})

t.test('on by ipMasq, or by a list of exceptions', async t => {
  t.strictSame(read({ ipMasq: true }), [])
  t.strictSame(read({ masquerade: { except: [] } }), [])
  t.strictSame(read({ masquerade: { Except: ['192.168.0.0/16'] } }), ['192.168.0.0/16'])
  t.strictSame(read({ ipMasq: true, masquerade: {} }), [])
})

t.test('what is configured, every range, and the subnets of the lease', async t => {
  const runtimeConfig = { ipRanges: [[{ subnet: '10.9.0.0/24' }]] }
  const legacy = { ...ranges, subnet: '10.8.0.0/24' }
  t.strictSame(
    read({ ipMasq: true, masquerade: { except: ['192.168.0.0/16', '2001:db8::/32'] }, ipam: legacy, runtimeConfig }, [
      '172.16.5.0/24',
    ]),
    ['10.8.0.0/24', '10.9.0.0/24', '10.244.1.0/24', '172.16.5.0/24', '192.168.0.0/16', '2001:db8::/32', 'fd00:1::/64'],
  )
})

t.test('one spelling, without what another contains', async t => {
  const except = ['10.0.0.9/8', '10.244.0.0/16', '10.0.0.0/8', '11.0.0.0/8', 'FD00:1:0::7/48', '10.0.0.0/24']
  t.strictSame(read({ masquerade: { except }, ipam: ranges }, ['10.244.1.0/24']), [
    '10.0.0.0/8',
    '11.0.0.0/8',
    'fd00:1::/48',
  ])
  t.strictSame(read({ masquerade: { except: ['0.0.0.0/0', '::/0'] }, ipam: ranges }), ['0.0.0.0/0', '::/0'])
})

const prefix = fc
  .tuple(fc.constantFrom('10.', '10.128.'), fc.nat(3), fc.integer({ min: 6, max: 32 }))
  .map(([start, last, length]) => `${start}${start.length > 4 ? '' : '0.'}${last}.${last * 64}/${length}`)

t.test('the list says of every address what its parts say, in whatever order they come', async t => {
  const property = fc.property(fc.array(prefix, { maxLength: 6 }), fc.nat(2 ** 25), (except, offset) => {
    const address: Address = { family: 4, value: parseAddress('10.0.0.0').value + BigInt(offset) }
    const list = read({ masquerade: { except } }) ?? []
    const isIn = (texts: readonly string[]) => texts.filter(text => contains(parsePrefix(text), address)).length
    const reversed = read({ masquerade: { except: except.toReversed() } })
    return isIn(list) === Math.min(1, isIn(except)) && list.join() === reversed?.join()
  })
  const { failed, counterexample } = fc.check(property)
  t.equal(failed, false, JSON.stringify(counterexample))
})

t.test('what is no prefix is named', async t => {
  const wrong: [object, string][] = [
    [{ masquerade: { except: ['10.0.0.0/8', '10.0.0.0/33'] } }, 'masquerade.except[1] "10.0.0.0/33" is no prefix'],
    [{ masquerade: { except: ['10.0.0.1'] } }, 'masquerade.except[0] "10.0.0.1" is no prefix'],
    [{ masquerade: { except: [''] } }, 'masquerade.except[0] "" is no prefix'],
    [{ ipMasq: true, ipam: { type: 'x', subnet: 'usePodCidr' } }, 'ipam: subnet "usePodCidr" is no prefix'],
    [{ masquerade: { except: '10.0.0.0/8' } }, 'masquerade.except must be an array, but is the string "10.0.0.0/8"'],
    [{ masquerade: ['10.0.0.0/8'] }, 'masquerade must be an object, but is an array'],
    [{ antiSpoof: 'no' }, 'antiSpoof must be a boolean, but is the string "no"'],
  ]
  for (const [more, complaint] of wrong)
    try {
      read(more)
      t.fail(`accepted ${JSON.stringify(more)}`)
    } catch (error) {
      t.match(error, { code: 'CONFIG_INVALID' })
      t.ok(String(error).includes(complaint), `${error}`)
    }
})

// What the words mean is in the golden rules; here, what they refuse, and where in a packet they look.
import t from 'tap'
import { hasAny, is, isBetween, isIn, isNot } from './condition.ts'
import { verdict } from './statement.ts'

const loads = (expressions: ReturnType<typeof is>) =>
  expressions.filter(({ name }) => name === 'payload').map(({ data }) => data)

t.test('a whole-byte prefix loads only its bytes, any other is masked', async t => {
  t.match(loads(is('ip saddr', '10.1.0.0/16')), [{ offset: 12, length: 2 }])
  t.match(
    is('ip saddr', '10.16.0.0/12').map(({ name }) => name),
    ['payload', 'bitwise', 'cmp'],
  )
  t.match(is('ip6 daddr', 'fd00::/8'), [
    { data: { offset: 24, length: 1 } },
    { data: { data: { value: Uint8Array.of(0xfd) } } },
  ])
  t.match(
    is('ip saddr', '0.0.0.0/0').map(({ name }) => name),
    ['payload', 'bitwise', 'cmp'],
    'always true',
  )
})

t.test('the parts of a concatenation stand in registers of their own', async t => {
  const destinations = (...fields: Parameters<typeof isIn>[0][]) =>
    isIn(fields as never, 'set').flatMap(({ data }) => (data && 'destination' in data ? [data.destination] : []))
  t.same(destinations('ip daddr', 'meta l4proto', 'th dport'), [1, 9, 10])
  t.same(destinations('meta iifname', 'ip saddr', 'th dport'), [1, 2, 13])
  t.same(destinations('ip6 saddr', 'ip6 daddr', 'ip daddr'), [1, 2, 3])
})

t.test('numbers stand as the kernel compares them', async t => {
  const value = (expressions: ReturnType<typeof is>) => JSON.stringify(expressions.at(-1)?.data)
  t.match(value(is('th dport', 80)), /\{"0":0,"1":80\}/)
  t.match(value(is('meta mark', 1)), /\{"0":1,"1":0,"2":0,"3":0\}/)
  t.match(value(is('fib daddr type', 'local')), /\{"0":2,"1":0,"2":0,"3":0\}/)
})

t.test('says what does not fit', async t => {
  t.throws(() => is('ip saddr', 'fd00::1'), { message: 'fd00::1 does not take 4 bytes' })
  t.throws(() => is('ip saddr', '10.0.0.1-10.0.0.3'), { message: /a range is what isBetween takes/ })
  t.throws(() => isNot('meta l4proto', 'tpc'), { message: /"tpc" is not one of icmp,tcp/ })
  t.throws(() => is('th dport', 65536), RangeError)
  t.throws(() => is('meta iifname', ''), { message: /not the name of an interface/ })
  t.throws(() => isBetween('meta mark', 1, 2), { message: 'meta mark cannot be compared with a range' })
  t.throws(() => hasAny('ct state', ['dnat']), { message: /"dnat" is not one of invalid,established/ })
  t.throws(() => verdict('jump ' as never), { message: 'no verdict "jump "' })
})

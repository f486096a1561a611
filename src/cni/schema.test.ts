import t from 'tap'
import * as z from 'zod/mini'
import { parse } from './schema.ts'

const point = z.object({ xAxis: z.int(), label: z.optional(z.string()) })

t.test('keys are folded only where it is asked for', async t => {
  t.strictSame(parse(point, { XAXIS: 1, Label: 'a' }, 'here', 'of any case'), { xAxis: 1, label: 'a' })
  t.strictSame(parse(point, { xAxis: 1, more: 2 }, 'here'), { xAxis: 1 })
  t.throws(() => parse(point, { XAXIS: 1 }, 'here'), {
    code: 'CONFIG_INVALID',
    message: 'here: xAxis must be a number, but is the number 1',
  })
})

t.test('of one key in two cases the last counts, as in Go', async t => {
  t.strictSame(parse(point, { xaxis: 1, XAXIS: 2 }, 'here', 'of any case'), { xAxis: 2 })
})

t.test('a key that objects have of themselves is only a key', async t => {
  const hostile = JSON.parse('{"xAxis":1,"__proto__":{"label":"x"},"constructor":5,"toString":6}')
  const read = parse(point, hostile, 'here', 'of any case')
  t.strictSame(read, { xAxis: 1 })
  t.equal(read.label, undefined)
})

t.test('a union of nothing that it knows is told in the words of the checker', async t => {
  t.throws(() => parse(z.array(z.string().check(z.maxLength(2))), ['abc'], 'here'), {
    message: /^here: \[0\] must be at most 2, but is the string "abc"$/,
  })
})

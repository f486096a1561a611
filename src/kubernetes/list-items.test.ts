import fc from 'fast-check'
import t from 'tap'
import { ListItems } from './list-items.ts'

function read(text: string, cuts: readonly number[] = []) {
  const items: unknown[] = []
  const list = new ListItems(text => items.push(JSON.parse(text)))
  const bytes = Buffer.from(text)
  const ends = [...cuts.map(n => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  let start = 0
  for (const end of ends) {
    list.feed(bytes.subarray(start, end))
    start = end
  }
  return { items, around: list.end() }
}

const asArrived = (value: unknown) => JSON.parse(JSON.stringify(value))

t.test('items come one by one, and what is around them at the end, wherever the stream is cut', async t => {
  const items = fc.array(
    fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.array(fc.jsonValue())),
  )
  const around = fc.record({
    kind: fc.string({ unit: 'binary' }),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
  })
  fc.assert(
    fc.property(items, around, fc.boolean(), fc.nat(3), fc.array(fc.nat()), (items, around, isLast, space, cuts) => {
      const whole = isLast ? { ...around, items } : { items, ...around }
      const got = read(JSON.stringify(whole, null, space), cuts)
      t.strictSame(got.items, asArrived(items))
      t.strictSame(got.around, asArrived({ ...whole, items: [] }))
    }),
    { numRuns: 100 },
  )
})

t.test('what is no list is around', async t => {
  for (const text of [
    '{}',
    'null',
    '7',
    '"{[x"',
    '{"a":{"b":[{"c":1}]}}',
    '{"items":null}',
    '{"items":[]}',
    '{"items":[7,null]}',
  ]) {
    t.strictSame(read(text), { items: [], around: JSON.parse(text) })
  }
})

t.test('what is no JSON, or half of it, throws', async t => {
  for (const text of [
    '',
    '{',
    '{"items":[{"a":1}',
    '{"items":[{"a":1}]',
    '{"items":[{a}]}',
    '}',
    ']]]',
    '{"items":[{]}',
    '<html>',
  ]) {
    t.throws(() => read(text), SyntaxError, text)
  }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          read(text)
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error
        }
      }),
    ),
  )
})

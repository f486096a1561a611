import fc from 'fast-check'
import t from 'tap'
import { Lines } from './lines.ts'

function read(bytes: Buffer, cuts: readonly number[]): string[] {
  const ends = [...cuts.map(n => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  const lines = new Lines()
  return ends.flatMap((end, at) => lines.feed(bytes.subarray(ends[at - 1] ?? 0, end)))
}

t.test('wherever the stream is cut, in a character too, its whole lines come out', async t => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !text.includes('\n'))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), (wanted, cuts) => {
      const found = read(Buffer.from(`${wanted.map(text => `${text}\n`).join('')}a rest`), cuts)
      t.strictSame(
        found,
        wanted.map(text => Buffer.from(text).toString()),
      )
    }),
    { numRuns: 50 },
  )
})

t.test('a line that never ends is refused before it fills the memory', async t => {
  const lines = new Lines()
  const feed = (times: number) => {
    for (let time = 0; time < times; time++) lines.feed(Buffer.alloc(1024 * 1024, 'x'))
  }
  feed(16)
  t.throws(() => feed(1), { code: 'API_REFUSED' })
})

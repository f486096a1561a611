import fc from 'fast-check'
import t from 'tap'
import { lines } from './lines.ts'

async function* cut(bytes: Buffer, at: readonly number[]) {
  const ends = [...at.map(n => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  let start = 0
  for (const end of ends) {
    yield bytes.subarray(start, end)
    start = end
  }
}

t.test('wherever the stream is cut, in a character too, its whole lines come out', async t => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !text.includes('\n'))
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (wanted, cuts) => {
      const stream = cut(Buffer.from(`${wanted.map(text => `${text}\n`).join('')}a rest`), cuts)
      const groups = await Array.fromAsync(lines(stream))
      t.strictSame(
        groups.flat(),
        wanted.map(text => Buffer.from(text).toString()),
      )
    }),
    { numRuns: 50 },
  )
})

t.test('a line that never ends is refused before it fills the memory', async t => {
  async function* endless() {
    for (;;) yield Buffer.alloc(1024 * 1024, 'x')
  }
  await t.rejects(Array.fromAsync(lines(endless())), { code: 'API_REFUSED' })
})

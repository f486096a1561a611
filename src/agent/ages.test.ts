import t from 'tap'
import { Ages } from './ages.ts'

t.test('ages count from the first time that a thing was seen, and anew where it was gone', async t => {
  let now = 5000
  const ages = new Ages(() => now)
  const look = (...names: string[]): number[] => {
    const found = names.map(name => ages.of(name))
    ages.endLook()
    now += 1000
    return found
  }
  t.strictSame(look('a', 'a'), [0, 0])
  t.strictSame(look('a', 'b'), [1000, 0])
  t.strictSame(look('b'), [1000])
  t.strictSame(look('a', 'b'), [0, 2000])
})

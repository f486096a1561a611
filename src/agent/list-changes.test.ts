import fc from 'fast-check'
import t from 'tap'
import { listChanges } from './list-changes.ts'

t.test('who came, who left, and not who moved', async t => {
  const cases: readonly [before: string, now: string, gone: string, come: string][] = [
    ['abcd', 'abcd', '', ''],
    ['abcd', 'abXd', 'c', 'X'],
    ['abcd', 'abd', 'c', ''],
    ['abcd', 'abcXd', '', 'X'],
    ['abcd', 'dabc', '', ''],
    ['', 'abc', '', 'abc'],
    ['abc', '', 'abc', ''],
    ['ab', 'aba', '', 'a'],
  ]
  for (const [before, now, gone, come] of cases)
    t.strictSame(listChanges([...before], [...now]), { gone: [...gone], come: [...come] }, `${before} to ${now}`)
})

t.test('as sets have it', async t => {
  const list = fc.uniqueArray(fc.nat(30))
  fc.assert(
    fc.property(list, list, (before, now) => {
      const { gone, come } = listChanges(before, now)
      t.strictSame([...gone].sort(), [...new Set(before).difference(new Set(now))].sort())
      t.strictSame([...come].sort(), [...new Set(now).difference(new Set(before))].sort())
    }),
  )
})

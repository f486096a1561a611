import t from 'tap'
import { commentEntry, commentIn, decodeUserData, encodeUserData } from './user-data.ts'

t.test('a comment comes back', async t => {
  const bytes = encodeUserData([[3, Uint8Array.of(9)], ...commentEntry('default/wéb')])
  t.same(commentIn(bytes), { comment: 'default/wéb' })
  t.same(decodeUserData(bytes)[0], [3, Uint8Array.of(9)])
})

t.test('nothing to say is no user data', async t => {
  t.equal(encodeUserData(commentEntry(undefined)), undefined)
  t.same(commentIn(undefined), {})
})

t.test('takes whatever other programs wrote there', async t => {
  t.same(commentIn(Uint8Array.of(0, 200, 65)), {}, 'cut')
  t.same(commentIn(Uint8Array.of(7)), {})
  t.same(commentIn(Uint8Array.of(0, 2, 65, 66)), { comment: 'AB' }, 'without its NUL')
  t.same(commentIn(Uint8Array.of(0, 0)), { comment: '' })
})

t.test('refuses a comment that its length cannot tell', async t => {
  t.throws(() => encodeUserData(commentEntry('x'.repeat(255))), RangeError)
  t.same(commentIn(encodeUserData(commentEntry('x'.repeat(254)))), { comment: 'x'.repeat(254) })
})

import t from 'tap'
import { errnoMeaning, SystemError } from './system-error.ts'

t.match(
  new SystemError('setns', 'fd 7', 1),
  { call: 'setns', code: 'EPERM', errno: 1, message: 'setns of fd 7: EPERM, operation not permitted' },
  'names the call, the object and the reason',
)
t.equal(errnoMeaning(524)[0], 'E524', 'an errno that libc has no name for keeps its number')
t.equal(errnoMeaning(85)[0], 'ERESTART', 'and one that nftables uses has its name')

import t from 'tap'
import { Problem, type ProblemCode, problems } from '../problem.ts'
import { transaction } from '../transaction.ts'
import { DelegateError } from './delegate.ts'
import { errorDocument, firstFailure } from './error.ts'

t.test('a problem has the code of its row', async t => {
  for (const [code, { cni }] of Object.entries(problems))
    t.strictSame(errorDocument(new Problem(code as ProblemCode, 'what'), '0.4.0'), {
      cniVersion: '0.4.0',
      code: cni,
      msg: 'what',
    })
})

t.test('the codes are the specification’s, or ours from 100 on', async t => {
  const theirs = [1, 2, 3, 4, 5, 6, 7, 11, 50, 51]
  for (const [code, { cni }] of Object.entries(problems)) t.ok(cni >= 100 || theirs.includes(cni), code)
})

t.test('details are there where there are any', async t => {
  t.match(errorDocument(new Problem('CONFIG_INVALID', 'what', 'where')), { details: 'where' })
})

t.test('a delegate’s code goes on unchanged', async t => {
  t.strictSame(errorDocument(new DelegateError(11, 'try again', 'later'), '1.0.0'), {
    cniVersion: '1.0.0',
    code: 11,
    msg: 'try again',
    details: 'later',
  })
})

t.test('what nobody foresaw is 999, in the newest version where the config named none', async t => {
  t.strictSame(errorDocument(new TypeError('oops')), { cniVersion: '1.1.0', code: 999, msg: 'oops' })
  t.match(errorDocument('thrown text'), { code: 999, msg: 'thrown text' })
  t.match(errorDocument(undefined), { code: 999, msg: 'undefined' })
})

t.test('of a failure and failed undos the runtime hears the first, and the others as details', async t => {
  const first = new Problem('RANGE_EXHAUSTED', 'no address', 'in 10.1.0.0/24')
  const error = await transaction(async undo => {
    undo(() => {
      throw new Error('the record stays')
    })
    undo(() => {
      throw new Error('the link stays')
    })
    throw first
  }).catch((error: unknown) => error)
  t.equal(firstFailure(error), first)
  t.strictSame(errorDocument(error, '1.0.0'), {
    cniVersion: '1.0.0',
    code: 11,
    msg: 'no address',
    details: 'in 10.1.0.0/24; undo failed too: the link stays; undo failed too: the record stays',
  })
})

t.test('a failure inside an undo that itself failed to be undone is told too', async t => {
  const inner = new SuppressedError(new Error('second'), new Error('first'))
  t.match(errorDocument(new SuppressedError(inner, new Problem('INPUT_OUTPUT', 'full'))), {
    code: 5,
    msg: 'full',
    details: 'undo failed too: first; undo failed too: second',
  })
})

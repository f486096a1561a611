import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Problem } from '../problem.ts'
import { writeLog } from './log-file.ts'

function fixture(t: Test) {
  const file = `${t.testdir({})}/deep/podwire.log`
  const lines = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
  return { file, lines }
}

t.test('one line for a call, in a directory that is made for it', async t => {
  const { file, lines } = fixture(t)
  writeLog({ file }, { verb: 'ADD', ms: 3 }, [], undefined)
  writeLog({ file }, { verb: 'DEL', ms: 4 }, [], undefined)
  t.match(lines(), [
    { level: 30, verb: 'ADD', ms: 3, pid: process.pid, msg: 'done' },
    { level: 30, verb: 'DEL', msg: 'done' },
  ])
  t.match(lines()[0].time, /^\d{4}-\d\d-\d\dT/)
})

t.test('a failure is an error with its causes', async t => {
  const { file, lines } = fixture(t)
  const error = new Problem('INPUT_OUTPUT', 'cannot write', '', new Error('ENOSPC'))
  writeLog({ file }, { verb: 'ADD' }, [], error)
  t.match(lines(), [
    { level: 50, verb: 'ADD', msg: 'failed', err: { message: /cannot write.*ENOSPC/, code: 'INPUT_OUTPUT' } },
  ])
})

t.test('warnings are lines of their own', async t => {
  const { file, lines } = fixture(t)
  writeLog({ file }, { verb: 'ADD' }, ['undoing what was left'], undefined)
  t.match(lines(), [
    { level: 40, verb: 'ADD', msg: 'undoing what was left' },
    { level: 30, msg: 'done' },
  ])
})

t.test('less is said where less is asked for', async t => {
  const { file, lines } = fixture(t)
  writeLog({ file, level: 'warn' }, {}, ['careful'], undefined)
  writeLog({ file, level: 'error' }, {}, ['careful'], new Error('no'))
  t.match(
    lines().map(({ level }) => level),
    [40, 50],
  )
})

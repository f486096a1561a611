import t from 'tap'
import { CallLog } from './call-log.ts'

t.test('gathers what is said; what is said later counts', async t => {
  const log = new CallLog()
  log.add({ verb: 'ADD', container: 'c1' })
  log.add({ addresses: ['10.1.0.2'], container: 'c2' })
  log.warn('one')
  log.warn('two')
  t.match(log.fields(), { verb: 'ADD', container: 'c2', addresses: ['10.1.0.2'] })
  t.strictSame(log.warnings, ['one', 'two'])
})

t.test('each phase has its milliseconds, and together they are the call’s', async t => {
  const log = new CallLog()
  await new Promise(resolve => setTimeout(resolve, 20))
  log.phase('ipam')
  log.phase('kernel')
  await new Promise(resolve => setTimeout(resolve, 20))
  log.phase('ipam')
  const { ms, phases } = log.fields() as { ms: number; phases: { start: number; ipam: number; kernel: number } }
  t.strictSame(Object.keys(phases), ['start', 'ipam', 'kernel'])
  t.ok(phases.ipam >= 38, 'one that comes twice is one')
  t.ok(phases.start > 0, 'the process’s own start counts')
  const sum = Object.values(phases).reduce((all, one) => all + one, 0)
  t.ok(ms >= sum - 0.01 && ms < sum + 1000, `${sum} of ${ms} ms`)
})

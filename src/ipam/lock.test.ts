import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { withLock } from './lock.ts'

const skip = existsSync('/usr/bin/flock') ? false : '/usr/bin/flock is missing: apt-get install util-linux'

/** A process that holds the lock until the test ends it. */
async function holder(
  t: Test,
  directory: string,
): Promise<{ readonly pid: number; readonly end: () => Promise<void> }> {
  // --close: the lock is flock's alone, not also that of the command that it runs.
  const child = spawn('/usr/bin/flock', ['--close', `${directory}/lock`, 'sh', '-c', 'echo held; exec sleep 60'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('flock did not start')
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    process.kill(-pid, 'SIGKILL')
    await once(child, 'exit')
  }
  t.teardown(end)
  await once(child.stdout, 'data')
  return { pid, end }
}

t.test('is waited for no longer than said, and who holds it is named', { skip }, async t => {
  const directory = t.testdir({})
  const { pid } = await holder(t, directory)
  const begin = Date.now()
  const problem = {
    code: 'LOCK_HELD',
    message: new RegExp(`^the lock ${directory}/lock has been held by process ${pid} for more than 150 ms`),
  }
  await t.rejects(
    withLock(directory, 150, () => t.fail('it is held')),
    problem,
  )
  const waited = Date.now() - begin
  t.ok(waited >= 150 && waited < 3000, `${waited} ms`)
})

t.test('is had as soon as it is free', { skip }, async t => {
  const directory = t.testdir({})
  const { end } = await holder(t, directory)
  const waiting = withLock(directory, 30_000, () => 7)
  await end()
  t.equal(await waiting, 7)
})

t.test('is given back, also when the work fails', async t => {
  const directory = t.testdir({})
  const fail = () => {
    throw new Error('work failed')
  }
  await t.rejects(withLock(directory, 100, fail), { message: 'work failed' })
  t.equal(await withLock(directory, 100, () => 7), 7)
})

t.test('keeps two calls of one process apart', async t => {
  const directory = t.testdir({})
  let isInside = false
  const work = () => {
    t.notOk(isInside)
    isInside = true
    for (const until = Date.now() + 5; Date.now() < until; );
    isInside = false
  }
  await Promise.all(Array.from({ length: 8 }, () => withLock(directory, 5000, work)))
})

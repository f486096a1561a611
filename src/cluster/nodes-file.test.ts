import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { NodesFile } from './nodes-file.ts'

const POLL_MS = 200

/** What the listener was told, one line each. */
function listen(t: Test, path: string) {
  const told: string[] = []
  const reading = new NodesFile(path, { pollMs: POLL_MS }).start({
    onNodes: nodes => void told.push(nodes.map(({ name }) => name).join(' ')),
    onTrouble: ({ code, message }) => void told.push(`${code} ${message}`),
  })
  t.teardown(() => reading[Symbol.dispose]())
  return told
}

async function until(t: Test, told: readonly string[], ...expected: (string | RegExp)[]): Promise<void> {
  for (const end = Date.now() + 5000; told.length < expected.length && Date.now() < end; ) await sleep(5)
  await sleep(30)
  t.match(told, expected)
  t.equal(told.length, expected.length, 'and nothing else')
}

const list = (...names: string[]) => JSON.stringify(names.map(name => ({ name })))

t.test('reads at the start, and what is renamed into place, at once', async t => {
  const path = join(t.testdir({ 'nodes.json': list('a') }), 'nodes.json')
  const told = listen(t, path)
  t.strictSame(told, [], 'not before start returned')
  await until(t, told, 'a')
  const tookMs: number[] = []
  // A loaded machine is slow now and then, not each time.
  while (tookMs.length < 10 && !(Math.min(...tookMs) < 90)) {
    const names = ['a', `b${tookMs.length}`]
    writeFileSync(`${path}.new`, list(...names))
    const start = performance.now()
    renameSync(`${path}.new`, path)
    while (told.at(-1) !== names.join(' ') && performance.now() - start < 2000) await sleep(1)
    tookMs.push(performance.now() - start)
  }
  t.ok(Math.min(...tookMs) < 90, `${tookMs.join(', ')} ms`)
  await until(t, told, 'a', ...tookMs.map((_, at) => `a b${at}`))
})

t.test('what is written in place is read when it is whole', async t => {
  const directory = t.testdir({})
  for (let tries = 0; tries < 10; tries++) {
    const path = join(directory, `${tries}.yaml`)
    writeFileSync(path, '- name: a\n- name: b\n- name: c\n')
    const told = listen(t, path)
    await until(t, told, 'a b c')
    const start = performance.now()
    writeFileSync(path, '- name: a\n')
    await sleep(40)
    writeFileSync(path, '- name: a\n- name: b\n', { flag: 'a' })
    // So long a pause of the machine's makes half of it a whole.
    if (performance.now() - start > 90) continue
    await until(t, told, 'a b c', 'a a b')
    return
  }
  t.fail('the machine paused each time')
})

t.test('says once that it is unreadable, and is told when it is good again', async t => {
  const path = join(t.testdir({ 'nodes.json': list('a') }), 'nodes.json')
  const told = listen(t, path)
  const bad = /^NODES_UNREADABLE the nodes file .* cannot be read: /
  await until(t, told, 'a')
  writeFileSync(path, list('a').slice(0, -3))
  await until(t, told, 'a', bad)
  await sleep(POLL_MS * 3)
  writeFileSync(path, list('a'))
  await until(t, told, 'a', bad, 'a')
})

t.test('gone and back, with its directory', async t => {
  const directory = join(t.testdir(), 'etc')
  const path = join(directory, 'nodes.json')
  const told = listen(t, path)
  const absent = /^NODES_UNREADABLE .* ENOENT/
  await until(t, told, absent)
  mkdirSync(directory)
  writeFileSync(path, list('a'))
  await until(t, told, absent, 'a')
  rmSync(directory, { recursive: true })
  await until(t, told, absent, 'a', absent)
  mkdirSync(directory)
  writeFileSync(path, list('a', 'b'))
  await until(t, told, absent, 'a', absent, 'a b')
  writeFileSync(`${path}.new`, list('b'))
  renameSync(`${path}.new`, path)
  await until(t, told, absent, 'a', absent, 'a b', 'b')
})

t.test('is a directory', async t => {
  await until(t, listen(t, t.testdir()), /^NODES_UNREADABLE .* EISDIR/)
})

t.test('single entries that make no sense are said beside the list', async t => {
  const path = join(t.testdir({ 'nodes.json': '[{"name":"a"},{"name":""}]' }), 'nodes.json')
  await until(t, listen(t, path), 'a', 'NODE_INVALID node number 2: no name')
})

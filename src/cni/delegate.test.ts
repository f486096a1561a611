// Delegates are real programs: shell scripts in a directory of the test's own.
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { DelegateError, delegate } from './delegate.ts'

function plugins(t: Test, scripts: Record<string, string>): string {
  const directory = t.testdir({})
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(`${directory}/${name}`, `#!/bin/sh\n${script}\n`)
    chmodSync(`${directory}/${name}`, 0o755)
  }
  return directory
}

const { PATH } = process.env

const environment = (path: string) => ({
  PATH,
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_IFNAME: 'eth0',
  CNI_NETNS: '/run/netns/a',
  CNI_ARGS: 'IgnoreUnknown=1',
  CNI_PATH: path,
})

t.test('runs as the runtime runs us: same environment, same stdin, the verb of its own', async t => {
  const path = plugins(t, { echo: 'env | grep ^CNI_ | sort; cat' })
  const ours = environment(path)
  const lines = (await delegate('echo', ours, '{"name":"pods"}').run('DEL')).split('\n')
  t.strictSame(lines, [
    'CNI_ARGS=IgnoreUnknown=1',
    'CNI_COMMAND=DEL',
    'CNI_CONTAINERID=c1',
    'CNI_IFNAME=eth0',
    'CNI_NETNS=/run/netns/a',
    `CNI_PATH=${path}`,
    '{"name":"pods"}',
  ])
  t.equal(ours.CNI_COMMAND, 'ADD', 'ours is as it was')
})

t.test('another owner can be named, as GC needs', async t => {
  const path = plugins(t, { echo: 'echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME"' })
  const owner = { containerId: 'gone', interfaceName: 'net1' }
  t.equal(await delegate('echo', environment(path), '').run('DEL', owner), 'DEL gone net1\n')
})

t.test('takes the first regular file of CNI_PATH', async t => {
  const path = plugins(t, { real: 'echo real' })
  mkdirSync(`${path}/first/linked`, { recursive: true })
  mkdirSync(`${path}/second`)
  symlinkSync('../real', `${path}/second/linked`)
  const run = delegate('linked', environment(`${path}/none::${path}/first:${path}/second`), '').run('ADD')
  t.equal(await run, 'real\n', 'a directory of that name is passed over, a link is followed')
})

t.test('a type that is in no directory is told, with the directories', async t => {
  const run = (path: string | undefined) => delegate('nosuch', { CNI_PATH: path }, '').run('ADD')
  await t.rejects(run('/a:/b'), {
    code: 'DELEGATE_MISSING',
    message: 'failed to find plugin "nosuch" in path [/a /b]: install it there, or set ipam.type to podwire-ipam',
  })
  await t.rejects(run(undefined), { code: 'DELEGATE_MISSING', message: /in path \[\]/ })
})

t.test('a type is no path', async t => {
  for (const type of ['../bin/sh', '/bin/sh', 'a/b'])
    await t.rejects(delegate(type, environment('/bin'), '').run('ADD'), {
      code: 'CONFIG_INVALID',
      message: /not a path/,
    })
})

t.test('its own error document keeps code and details, and names it', async t => {
  const path = plugins(t, { full: `echo '{"code":11,"msg":"all taken","details":"try later"}'; exit 1` })
  const error = await delegate('full', environment(path), '')
    .run('ADD')
    .catch((error: unknown) => error)
  t.ok(error instanceof DelegateError)
  t.match(error, { cni: 11, message: 'plugin "full" failed ADD: all taken', details: 'try later' })
})

t.test('without one it is said how it ended and what it printed', async t => {
  const path = plugins(t, {
    silent: 'exit 3',
    killed: 'kill -9 $$',
    chatty: 'echo "panic: at the disco"; exit 2',
    json: `echo '{"msg":"no code"}'; exit 1`,
    null: 'echo null; exit 1',
    endless: 'head -c 100000 /dev/zero | tr "\\0" x; exit 1',
  })
  const said: Record<string, string | RegExp> = {
    silent: 'plugin "silent" failed STATUS (exit 3) and printed nothing',
    killed: 'plugin "killed" failed STATUS (SIGKILL) and printed nothing',
    chatty: 'plugin "chatty" failed STATUS (exit 2) and printed "panic: at the disco"',
    json: 'plugin "json" failed STATUS (exit 1) and printed "{\\"msg\\":\\"no code\\"}"',
    null: 'plugin "null" failed STATUS (exit 1) and printed "null"',
    endless: /^plugin "endless" failed STATUS \(exit 1\) and printed "x{200}"$/,
  }
  for (const [type, message] of Object.entries(said))
    await t.rejects(delegate(type, environment(path), '').run('STATUS'), { code: 'DELEGATE_FAILED', message }, type)
})

t.test('one that never reads its stdin is no failure', async t => {
  const path = plugins(t, { deaf: 'exec <&-; echo fine' })
  t.equal(await delegate('deaf', environment(path), 'x'.repeat(500_000)).run('ADD'), 'fine\n')
})

t.test('one that cannot be executed is told by its file', async t => {
  const path = plugins(t, { plain: '' })
  chmodSync(`${path}/plain`, 0o644)
  await t.rejects(delegate('plain', environment(path), '').run('ADD'), {
    code: 'DELEGATE_FAILED',
    message: new RegExp(`^plugin "plain" \\(${path}/plain\\) could not be run: .*EACCES`),
  })
})

t.test('one that is being written at this moment is waited for', async t => {
  const path = t.testdir({})
  writeFileSync(`${path}/busy`, readFileSync('/bin/echo'), { mode: 0o755 })
  const writer = openSync(`${path}/busy`, 'r+')
  setTimeout(() => closeSync(writer), 100)
  t.equal(await delegate('busy', environment(path), '').run('ADD'), '\n')
})

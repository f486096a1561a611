// `podwire install` replaces an executable that is being called all the time, and whatever interrupts it, what was there goes on.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { bareDebian, mountDebian } from './bare-debian.ts'
import { Host } from './host.ts'
import { seeded } from './seeded.ts'
import { dist, lacks } from './tools.ts'

const needs = { skip: lacks(join(dist, 'podwire')) }
const debian =
  needs.skip || lacks('debootstrap') ? { root: '', lack: needs.skip || lacks('debootstrap') } : bareDebian()
const execute = promisify(execFile)

const scratch = mkdtempSync(join(tmpdir(), 'podwire-install-'))
t.teardown(() => rmSync(scratch, { recursive: true, force: true }))
const next = join(scratch, 'next')

/** Another release: the same executable, and one file more beside it. */
function makeNext(): void {
  cpSync(dist, next, { recursive: true, filter: file => !/\/(x64|arm64)$/.test(file) })
  writeFileSync(join(next, 'podwire.d', 'later'), 'later')
}
if (!needs.skip) makeNext()

const install = (from: string, to: string) => execute(join(from, 'podwire'), ['install', '--to', to])
const version = (executable: string) => execute(executable, { env: { CNI_COMMAND: 'VERSION' } })
const unfinished = (to: string) => readdirSync(join(to, 'podwire.d')).filter(name => name.startsWith('.'))

t.test('50 installations, and no call of either name fails meanwhile', needs, async t => {
  const to = join(scratch, 'bin')
  await install(dist, to)
  const installing = new AbortController()
  let calls = 0
  const call = async (name: string): Promise<void> => {
    while (!installing.signal.aborted) {
      const { stdout } = await version(join(to, name))
      t.match(JSON.parse(stdout), { cniVersion: '1.1.0' }) || t.bailout(stdout)
      calls++
    }
  }
  const callers = Promise.all(['podwire', 'podwire-ipam'].map(call))
  const targets = new Set<string>()
  for (let i = 0; i < 50; i++) {
    await install(i % 2 ? dist : next, to)
    targets.add(readlinkSync(join(to, 'podwire')))
  }
  installing.abort()
  await callers
  t.equal(targets.size, 2)
  t.ok(calls > 100, `${calls} calls`)
  t.strictSame(unfinished(to), [])
})

t.test('a call that is on its way ends well, even when all of it has been taken away', needs, async t => {
  const to = join(scratch, 'running')
  await install(dist, to)
  const plugin = spawn(join(to, 'podwire'), { env: { CNI_COMMAND: 'STATUS', CNI_PATH: to } })
  await running(plugin)
  await install(next, to)
  await execute(join(next, 'podwire'), [
    'uninstall',
    '--force',
    '--from',
    to,
    '--conflists',
    '/nowhere',
    '--state',
    '/nowhere',
  ])
  t.strictSame(readdirSync(to), [])
  plugin.stdin.end('{ "cniVersion": "1.1.0", "name": "pods", "type": "podwire" }')
  const answer = await plugin.stdout.setEncoding('utf8').toArray()
  t.match(JSON.parse(answer.join('')), { code: 7, msg: /no "ipam"/ })
})

/** Once it waits for its stdin: then no more of it is to be loaded. */
async function running(child: ChildProcess): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (existsSync(`/proc/${child.pid}/fd/0`) && (await waitsInRead(child.pid))) return
    await sleep(10)
  }
  throw new Error('the plugin never came to read its stdin')
}

async function waitsInRead(pid: number | undefined): Promise<boolean> {
  const { stdout } = await execute('cat', [`/proc/${pid}/syscall`])
  return stdout.startsWith('0 0x0 ')
}

t.test(
  'killed at any moment, it leaves one that works, and the next installation takes the rest away',
  needs,
  async t => {
    const to = join(scratch, 'killed')
    const random = seeded('install')
    await install(dist, to)
    for (let round = 0; round < 20; round++) {
      const child = spawn(join(round % 2 ? dist : next, 'podwire'), ['install', '--to', to], { stdio: 'ignore' })
      const ended = once(child, 'exit')
      await sleep(random() * 700)
      child.kill('SIGKILL')
      await ended
      for (const name of ['podwire', 'podwire-ipam'])
        await t.resolves(version(join(to, name)), `round ${round}, ${name}`)
      // So that each round has everything to do: what is not called is not needed.
      const [, called = ''] = readlinkSync(join(to, 'podwire')).split('/')
      for (const name of readdirSync(join(to, 'podwire.d')).filter(name => /^\d/.test(name) && name !== called))
        rmSync(join(to, 'podwire.d', name), { recursive: true })
    }
    await install(next, to)
    t.strictSame(unfinished(to), [])
  },
)

t.test('on a full disk and on a read-only one the old release stays, and it says why', needs, async t => {
  await using host = await Host.start()
  const put = (from: string) => host.attempt(join(from, 'podwire'), ['install', '--to', '/run/bin'])
  const answers = () => host.attempt('/run/bin/podwire', [], { env: { CNI_COMMAND: 'VERSION' } }).code
  host.shell('mkdir /run/bin; mount -t tmpfs -o size=150m tmpfs /run/bin')
  t.match(put(dist), { code: 0 })
  const full = put(next)
  t.equal(full.code, 1)
  t.match(
    full.stderr,
    /^podwire install: cannot install into \/run\/bin: ENOSPC.*: a release needs 1\d\d MB there, beside the one that runs, and \d\d MB are free: make room$/m,
  )
  t.equal(answers(), 0)
  t.strictSame(unfinished(host.path('/run/bin')), [])
  host.shell('mount -o remount,ro /run/bin')
  t.match(put(next), { code: 1, stderr: /EROFS.*: mount the node's \/run\/bin writable$/m })
  t.equal(answers(), 0)
  t.match(put(dist), { code: 0, stdout: /was there already/ }, 'what is there already needs no writing')
})

t.test(
  'in the node’s root it is started with what the node has, and refused where it cannot start',
  { skip: debian.lack },
  async t => {
    await using host = await Host.start()
    const root = mountDebian(host, debian.root, dist)
    const put = (root: string) =>
      host.attempt(join(next, 'podwire'), ['install', '--root', root, '--to', `${root}/opt/cni/bin`])
    t.match(put(root), { code: 0, stderr: '' })
    t.match(host.attempt('chroot', [root, '/opt/cni/bin/podwire', 'version']), { code: 0, stdout: /^podwire / })
    t.ok(existsSync(host.path(`${root}/opt/cni/bin/podwire.d/libatomic.so.1`)), 'what was copied by hand has a minute')
    host.shell('mkdir /run/empty')
    t.match(put('/run/empty'), {
      code: 1,
      stderr: /the new executable does not start on this node, so the old one stays: /,
    })
    t.notOk(existsSync(host.path('/run/empty/opt/cni/bin/podwire')))
  },
)

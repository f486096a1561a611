// `podwire install` replaces an executable that is being called all the time, and whatever interrupts it, what was there goes on.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { Attachment } from './attachment.ts'
import { bareDebian, mountDebian } from './bare-debian.ts'
import { Host } from './host.ts'
import { Pod } from './pod.ts'
import { seeded } from './seeded.ts'
import { outsideAddresses, surround } from './surroundings.ts'
import { dist, lacks } from './tools.ts'
import { until } from './until.ts'

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
  await using host = await Host.start()
  const to = '/run/bin'
  host.run(join(dist, 'podwire'), ['install', '--to', to])
  const plugin = spawn(...host.enter(join(to, 'podwire')), { env: { CNI_COMMAND: 'STATUS', CNI_PATH: to } })
  await running(plugin)
  host.run(join(next, 'podwire'), ['install', '--to', to])
  host.run(join(next, 'podwire'), ['uninstall', '--force', '--from', to, '--conflists', '/nowhere'])
  t.strictSame(readdirSync(host.path(to)), [])
  plugin.stdin.end('{ "cniVersion": "1.1.0", "name": "pods", "type": "podwire" }')
  const answer = await plugin.stdout.setEncoding('utf8').toArray()
  t.match(JSON.parse(answer.join('')), { code: 7, msg: /no "ipam"/ })
})

/** Once it waits for its stdin: then no more of it is to be loaded. */
async function running(nsenter: ChildProcess): Promise<void> {
  await until('the plugin reads its stdin', () => childrenOf(nsenter.pid).some(waitsInRead))
}

const childrenOf = (pid: number | undefined): string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)

const waitsInRead = (pid: string): boolean => readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith('0 0x0 ')

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
      await sleep(random() * 400)
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

t.test('uninstalled, it leaves nothing in the kernel of the node, and takes nothing of others', needs, async t => {
  await using host = await Host.start()
  surround(host)
  host.shell('ip route add 203.0.113.128/25 via 192.0.2.2 proto 42; nft add table inet others')
  const kernel = () =>
    host.shell('ip -4 route show table all; ip -6 route show table all; ip -o link; nft list tables').split('\n')
  const before = kernel()
  const podwire = join(dist, 'podwire')
  host.run(podwire, ['install', '--to', '/run/bin'])
  const node = (number: number, ...addresses: string[]) => ({
    name: `node${number}`,
    addresses,
    podCIDRs: [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`],
  })
  const away = node(3, '198.18.0.3', '2001:db8:3::3')
  host.write('/run/nodes.json', [node(1, '192.0.2.1', '2001:db8:1::1'), node(2, ...outsideAddresses), away])
  const words = [
    'agent',
    '--nodes',
    '/run/nodes.json',
    '--node',
    'node1',
    '--conflist',
    '/run/net.d/10-podwire.conflist',
  ]
  host.shell('mkdir /run/net.d')
  const agent = spawn(...host.enter(podwire, ...words), { stdio: 'ignore' })
  const uninstall = () => host.attempt(podwire, ['uninstall', '--from', '/run/bin', '--conflists', '/run/net.d'])

  const added = () => kernel().filter(line => !before.includes(line))
  await until('the agent is ready', () => host.attempt('grep', ['"ready":true', '/run/podwire/agent.json']).code === 0)
  for (const trace of [
    /10\.244\.2\.0\/24 via/,
    /fd00:10:244:3::\/64 .*podwire-vxlan/,
    /unreachable 10\.244\.1/,
    /: podwire-vxlan:/,
    /table inet podwire/,
  ])
    t.match(added().join('\n'), trace, `there is something to take away: ${trace.source}`)
  const pod = new Attachment(host, 'one', Pod.make(host, 'one').netns)
  pod.add()
  const whole = added()
  t.match(uninstall(), { code: 1, stderr: /agent is at work on this node \(127\.0\.0\.1:9912\)/ })
  process.kill(Number(childrenOf(agent.pid)[0]), 'SIGKILL')
  await once(agent, 'exit')
  t.match(uninstall(), { code: 1, stderr: /^podwire uninstall: 1 of this node's pods use podwire/ })
  t.strictSame(added(), whole, 'refused, it changes nothing')
  pod.call('DEL')
  t.match(uninstall(), {
    code: 0,
    stderr: '',
    stdout: /removed \d+ routes of protocol 113\nremoved interface podwire-vxlan\nremoved table inet podwire\n/,
  })
  t.strictSame(kernel(), before)
  t.strictSame(readdirSync(host.path('/run/bin')), [])
  t.strictSame(readdirSync(host.path('/run/net.d')), [])
  t.match(uninstall(), { code: 0, stdout: 'podwire uninstall: nothing of ours in /run/bin\n' }, 'a second time')
})

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

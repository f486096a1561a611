import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Problem } from '../problem.ts'
import { blankLink, link, RTM_GETLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { Namespace } from './namespace.ts'

const here = (): string => readlinkSync('/proc/thread-self/ns/net')

t.test(`a namespace through ${backend()}`, needsRoot, async t => {
  const home = here()
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  using host = Namespace.current()
  t.afterEach(() => void t.equal(here(), home, 'we are where we were'))

  await t.test('runs work inside, and comes back', async t => {
    t.equal(namespace.inside(here), readlinkSync(path))
    t.not(namespace.inside(here), home)
  })

  await t.test('comes back from work that throws', async t => {
    t.throws(
      () =>
        namespace.inside(() => {
          throw new Error('thrown inside')
        }),
      { message: 'thrown inside' },
    )
    t.equal(here(), home)
  })

  await t.test('refuses work that waits: it would go on outside', async t => {
    t.throws(() => namespace.inside(async () => 1), { name: 'TypeError' })
    t.equal(here(), home)
  })

  await t.test('a connection answers for the namespace that it was opened in', async t => {
    const anyLink = { ...blankLink, attributes: {} }
    const veth = { ...blankLink, attributes: { name: 'onlyinside', info: { kind: 'veth' } } }
    using inside = namespace.connect()
    using outside = host.connect()
    inside.request('add onlyinside', RTM_NEWLINK, 0x600, link, veth)
    const names = [inside, outside].map(connection =>
      connection.dump('list links', RTM_GETLINK, link, anyLink).map(found => found.attributes.name),
    )
    t.equal(here(), home)
    t.same(
      names.map(list => list.includes('onlyinside')),
      [true, false],
    )
  })

  await t.test('knows itself from the host', async t => {
    using again = Namespace.open(path)
    using self = Namespace.open('/proc/self/ns/net')
    t.equal(namespace.isSame(again), true)
    t.equal(host.isSame(self), true)
    t.equal(namespace.isSame(host), false)
  })

  await t.test("reads and writes its own sysctls, not the host's", async t => {
    const forwarding = 'net/ipv4/ip_forward'
    const before = host.readSysctl(forwarding)
    for (const value of ['1', '0']) {
      namespace.writeSysctl(forwarding, value)
      t.equal(namespace.readSysctl(forwarding), value)
      t.equal(host.readSysctl(forwarding), before)
    }
    t.ok(namespace.listSysctl('net/ipv4/conf').includes('onlyinside'))
    t.notOk(host.listSysctl('net/ipv4/conf').includes('onlyinside'))
  })

  await t.test('a sysctl that is not there is undefined to read, and an error to write', async t => {
    t.equal(namespace.readSysctl('net/ipv6/conf/nosuchlink/disable_ipv6'), undefined)
    t.same(namespace.listSysctl('net/ipv6/conf/nosuchlink'), [])
    t.throws(() => namespace.writeSysctl('net/ipv6/conf/nosuchlink/disable_ipv6', '1'), { code: 'ENOENT' })
    t.equal(here(), home)
  })

  await t.test('says what is wrong with a path', async t => {
    const directory = mkdtempSync(join(tmpdir(), 'podwire-netns-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    const at = (name: string): string => join(directory, name)
    writeFileSync(at('file'), 'a file')
    mkdirSync(at('folder'))
    spawnSync('mkfifo', [at('fifo')])
    const wrong: Record<string, string> = {
      [at('gone')]: 'is gone',
      [at('file/below')]: 'is gone',
      [at('file')]: 'is a plain file, not a network namespace',
      [at('folder')]: 'is a directory, not a network namespace',
      [at('fifo')]: 'is a FIFO, not a network namespace',
      '/proc/self/ns/pid': 'is a namespace of another kind, not a network namespace',
      '/dev/null': 'is a device, not a network namespace',
    }
    for (const [path, what] of Object.entries(wrong)) {
      const message = `the network namespace ${path} ${what}`
      t.throws(() => Namespace.open(path), { name: 'Problem', code: 'ENVIRONMENT_INVALID', message }, message)
    }
  })

  await t.test('leaves no descriptor open', async t => {
    const { readdirSync } = await import('node:fs')
    const before = readdirSync('/proc/self/fd').length
    for (let round = 0; round < 5; round++) {
      using opened = Namespace.open(path)
      using _connection = opened.connect()
      opened.readSysctl('net/ipv4/ip_forward')
      try {
        Namespace.open('/etc/passwd')
      } catch (error) {
        if (!(error instanceof Problem)) throw error
      }
    }
    t.equal(readdirSync('/proc/self/fd').length, before)
  })

  await t.test('where there is no way back, nothing goes on', async t => {
    const script = `
      import { Namespace } from ${JSON.stringify(new URL('namespace.ts', import.meta.url).href)}
      Namespace.open(${JSON.stringify(path)}).inside(() => process.setuid(65534))
      console.log('went on')`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    t.equal(child.status, 1)
    t.equal(child.stdout, '')
    t.match(child.stderr, `podwire: no way back from the network namespace ${path}: SystemError: setns of fd`)
    t.match(child.stderr, /EPERM/)
  })
})

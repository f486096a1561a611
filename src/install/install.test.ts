// With shell scripts in the place of the executable, which start anywhere: e2e/install.test.ts has the real one.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { install } from './install.ts'
import { sweep } from './sweep.ts'

const answering = (word: string): string =>
  `#!/bin/sh\n: ${word}\necho '{"cniVersion":"1.1.0","supportedVersions":["1.1.0"]}'\n`

const releaseOf = (word: string): string => `0.1.0-${Buffer.from(word).toString('hex').padEnd(12, '0')}`

function fixture(t: Test) {
  const directory = t.testdir({ node: { ptp: 'the reference plugin' } })
  const to = join(directory, 'node')
  /** Lays out a release's files as the build does. */
  const built = (word: string, script = answering(word)): string => {
    const folder = join(directory, `built-${word}`)
    mkdirSync(join(folder, 'podwire.d'), { recursive: true })
    writeFileSync(join(folder, 'podwire'), script)
    chmodSync(join(folder, 'podwire'), 0o755)
    writeFileSync(join(folder, 'podwire.d', 'libatomic.so.1'), `library of ${word}`)
    return folder
  }
  const put = (word: string, script?: string) =>
    install({ from: built(word, script), to, root: '/', release: releaseOf(word) })
  const contents = (name: string): string => readFileSync(join(to, name), 'utf8')
  return { to, built, put, contents, releases: () => readdirSync(join(to, 'podwire.d')).toSorted() }
}

t.test('a release comes with its library, under both names, and leaves other plugins alone', async t => {
  const { to, put, contents, releases } = fixture(t)
  const { release, before } = await put('one')
  t.equal(before, undefined)
  t.equal(release, releaseOf('one'))
  t.strictSame(releases(), [release])
  t.strictSame(readdirSync(to).toSorted(), ['podwire', 'podwire-ipam', 'podwire.d', 'ptp'])
  t.equal(readlinkSync(join(to, 'podwire')), `podwire.d/${release}/podwire`)
  t.equal(readlinkSync(join(to, 'podwire-ipam')), 'podwire')
  t.equal(contents(`podwire.d/${release}/podwire.d/libatomic.so.1`), 'library of one')
  t.equal(statSync(join(to, 'podwire-ipam')).mode & 0o777, 0o755)
  t.match(spawnSync(join(to, 'podwire-ipam'), { encoding: 'utf8' }).stdout, /supportedVersions/)
})

t.test('the next one takes its name; the last one stays until what began on it has surely ended', async t => {
  const { to, put, contents, releases } = fixture(t)
  const one = (await put('one')).release
  const two = await put('two')
  t.equal(two.before, one)
  t.equal(contents('podwire'), answering('two'))
  t.strictSame(releases(), [one, two.release].toSorted())
  sweep(to, Date.now() + 59_000)
  t.strictSame(releases(), [one, two.release].toSorted())
  sweep(to, Date.now() + 61_000)
  t.strictSame(releases(), [two.release])
})

t.test('what is there already is not copied again', async t => {
  const { to, put } = fixture(t)
  const { release } = await put('one')
  const inodes = () => ['podwire', `podwire.d/${release}/podwire`].map(name => statSync(join(to, name)).ino)
  const before = inodes()
  t.strictSame(await put('one'), { release, before: release })
  t.strictSame(inodes(), before)
})

t.test('what does not start, or says something else, never gets the name', async t => {
  const { put, contents, releases } = fixture(t)
  const { release } = await put('one')
  const scripts = {
    'exit 3, not here': '#!/bin/sh\necho not here >&2\nexit 3\n',
    'ended by SIGSEGV': '#!/bin/sh\nkill -SEGV $$\n',
    'it said "hello': '#!/bin/sh\necho hello\n',
    ENOENT: '#!/no/such/interpreter\n',
  }
  for (const [why, script] of Object.entries(scripts)) {
    const message = new RegExp(`does not start on this node, so the old one stays: .*${why}`)
    await t.rejects(put('two', script), { code: 'EXECUTABLE_FAILED', message }, why)
    t.equal(contents('podwire'), answering('one'))
    t.strictSame(releases(), [release])
  }
})

t.test('a root that cannot be entered is told, with the way out', async t => {
  const { to, built } = fixture(t)
  const root = join(to, '..', 'built-one', 'podwire')
  await t.rejects(install({ from: built('one'), to, root, release: releaseOf('one') }), {
    code: 'EXECUTABLE_FAILED',
    message: /cannot be tried out in the node's root: chroot of .*: give the container the capability SYS_CHROOT/,
  })
  t.strictSame(readdirSync(to).toSorted(), ['podwire.d', 'ptp'])
})

t.test('what was copied there by hand is replaced, and its library goes a minute later', async t => {
  const { to, built, put, contents, releases } = fixture(t)
  cpSync(built('old'), to, { recursive: true })
  symlinkSync('podwire', join(to, 'podwire-ipam'))
  const { release, before } = await put('one')
  t.equal(before, undefined)
  t.equal(contents('podwire-ipam'), answering('one'))
  t.strictSame(releases(), [release, 'libatomic.so.1'])
  sweep(to, Date.now() + 61_000)
  t.strictSame(releases(), [release])
})

t.test('what an interrupted installation left goes, wherever it was interrupted', async t => {
  const { to, put, contents, releases } = fixture(t)
  const { release } = await put('one')
  mkdirSync(join(to, 'podwire.d', '.release', 'podwire.d'), { recursive: true })
  writeFileSync(join(to, 'podwire.d', '.release', 'podwire'), 'half')
  symlinkSync('nowhere', join(to, 'podwire.d', '.link'))
  const two = (await put('two')).release
  t.strictSame(releases(), [release, two].toSorted())
  t.equal(contents('podwire'), answering('two'))
})

t.test('a release that somebody wrote over is not written into: it gets another name', async t => {
  const { to, put, contents } = fixture(t)
  const { release } = await put('one')
  writeFileSync(join(to, 'podwire'), answering('by hand'))
  const { release: again, before } = await put('one')
  t.equal(before, release)
  t.equal(again, `${release}.1`)
  t.equal(contents('podwire'), answering('one'))
  t.equal(contents(`podwire.d/${release}/podwire`), answering('by hand'))
  t.strictSame(await put('one'), { release: again, before: again })
})

t.test('what is not ours in our folder stays', async t => {
  const { to, put } = fixture(t)
  await put('one')
  mkdirSync(join(to, 'podwire.d', 'mine'))
  sweep(to, Date.now() + 61_000)
  t.ok(existsSync(join(to, 'podwire.d', 'mine')))
})

t.test('two at once wait for each other, and both are there', async t => {
  const { put, releases } = fixture(t)
  const installed = await Promise.all(['one', 'two', 'one', 'three'].map(word => put(word)))
  t.strictSame(releases(), [...new Set(installed.map(({ release }) => release))].toSorted())
})

t.test('a folder that cannot be one, and a source that is none, are told', async t => {
  const { to, built } = fixture(t)
  const [from, release] = [built('one'), releaseOf('one')]
  await t.rejects(install({ from, to: join(to, 'ptp'), root: '/', release }), {
    code: 'INPUT_OUTPUT',
    message: /^cannot install into .*ptp: .*: make .* a folder that root may write to$/,
  })
  await t.rejects(install({ from: join(from, 'podwire.d'), to, root: '/', release }), {
    code: 'INPUT_OUTPUT',
    message: /has no podwire to install: call the built executable itself/,
  })
  mkdirSync(join(to, 'podwire'))
  await t.rejects(install({ from, to, root: '/', release }), { code: 'INPUT_OUTPUT', message: /^cannot install/ })
})

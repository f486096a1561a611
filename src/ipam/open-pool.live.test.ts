// A file system that does not take what a pool writes: full, read-only, without inodes. In a mount namespace of its own.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { poolProgram } from './pool-program.ts'

/** Runs `prepare` in a shell on a tmpfs with these options, then `work`, which prints; and then lists the directory. */
function tell(
  root: string,
  options: string,
  prepare: string,
  work: string,
): { readonly said: string; readonly left: string[] } {
  const program = poolProgram(root, 'abc', work).map(part => `'${part.replaceAll("'", "'\\''")}'`)
  const script = `set -e
    mount -t tmpfs -o ${options} none ${root}
    cd ${root}
    ${prepare}
    ${process.execPath} ${program.join(' ')}
    echo left:
    ls -A ${root}/data/pods 2>/dev/null || true`
  const { stdout, stderr, status } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const [said = '', left = ''] = stdout.split('left:\n')
  return { said, left: left.split('\n').filter(name => /^[\da-f]+[.:]|^\.new$/.test(name)) }
}

const attempt = `
  try {
    const given = await pool.allocate(owner, [], () => {})
    console.log('given', given.length)
  } catch ({ code, message }) { console.log(code, message) }`

t.test('however few inodes there are, both addresses or none', needsRoot, async t => {
  const root = t.testdir({})
  let failures = 0
  let successes = 0
  for (let inodes = 2; inodes < 16; inodes++) {
    const { said, left } = tell(root, `nr_inodes=${inodes}`, 'true', attempt)
    if (said.startsWith('given 2')) successes++
    else {
      failures++
      t.match(said, /^INPUT_OUTPUT the reservations in .* cannot be kept: ENOSPC.*; free some space there/)
    }
    t.equal(left.length, said.startsWith('given') ? 2 : 0, `${inodes} inodes: ${said.trim()} · ${left.join(' ')}`)
  }
  t.ok(failures > 2 && successes > 2, `${failures} failures, ${successes} successes`)
})

t.test('however little space there is, both addresses or none', needsRoot, async t => {
  const root = t.testdir({})
  let failures = 0
  let successes = 0
  for (let pages = 1; pages < 16; pages++) {
    const { said, left } = tell(root, `size=${pages * 4096}`, 'true', attempt)
    if (said.startsWith('given 2')) successes++
    else failures++
    t.equal(left.length, said.startsWith('given') ? 2 : 0, `${pages} pages: ${said.trim()} · ${left.join(' ')}`)
  }
  t.ok(failures > 1 && successes > 1, `${failures} failures, ${successes} successes`)
})

t.test('a full file system is what STATUS is told', needsRoot, async t => {
  const usage = `try { await pool.usage() } catch ({ code, message }) { console.log(code, message) }`
  const fill = 'mkdir -p data/pods; : > data/pods/lock; cat /dev/zero > zero 2>/dev/null || true'
  t.match(
    tell(t.testdir({}), 'size=1m', fill, usage).said,
    /^NOT_AVAILABLE the reservations in .*; free some space there/,
  )
})

const readOnly = 'mkdir -p data/pods; printf "abc\\r\\neth0" > data/pods/10.1.0.2; mount -o remount,ro .'

t.test('a read-only directory is told, with the way out', needsRoot, async t => {
  const { said, left } = tell(t.testdir({}), 'size=1m', readOnly, attempt)
  t.match(
    said,
    /^INPUT_OUTPUT the reservations in .* cannot be kept: EROFS.*; make it writable, or name another directory in ipam.dataDir/,
  )
  t.strictSame(left, ['10.1.0.2'])
})

t.test('nothing to release there is no failure, something to release is', needsRoot, async t => {
  const release = (address: string) => `
    import { parseAddress } from '${import.meta.resolve('../ip/address.ts')}'
    try {
      await pool.release(owner, [parseAddress('${address}')])
      console.log('released')
    } catch ({ code, message }) { console.log(code, message) }`
  t.match(tell(t.testdir({}), 'size=1m', readOnly, release('10.1.0.3')).said, /^released/)
  t.match(tell(t.testdir({}), 'size=1m', readOnly, release('10.1.0.2')).said, /^INPUT_OUTPUT .*EROFS/)
})

t.test('an index that cannot be written costs time and nothing else', needsRoot, async t => {
  const blocked = 'mkdir -p data/pods/.podwire-index'
  const twice = `${attempt}
    owner.containerId = 'def'
    ${attempt}
    console.log(String((await pool.usage()).map(({ used }) => used)))`
  t.equal(tell(t.testdir({}), 'size=1m', blocked, twice).said, 'given 2\ngiven 2\n2,2\n')
})

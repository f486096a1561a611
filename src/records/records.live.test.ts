// A file system that is full, read-only, or watched while a writer is killed: in a mount namespace of its own.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { Records } from './records.ts'

const program = (root: string, work: string): string => `
  import { Records } from '${import.meta.resolve('./records.ts')}'
  const records = new Records('${root}')
  const attachment = { network: 'pods', containerId: 'c1', interfaceName: 'eth0', netns: '/n', addresses: ['10.1.0.2'] }
  const attempt = work => {
    try { work(); console.log('done') } catch ({ code, message }) { console.log(code, message) }
  }
  ${work}`

/** On a tmpfs with these options, after `prepare` in a shell: what is said, line by line, and what is left there. */
function tell(root: string, options: string, prepare: string, work: string) {
  const script = `set -e
    mount -t tmpfs -o ${options} none ${root}
    cd ${root}
    ${prepare}
    ${process.execPath} --input-type=module -e "$WORK"
    ls -A ${root} >&2`
  const env = { ...process.env, WORK: program(root, work) }
  const { stdout, stderr, status } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8', env })
  if (status !== 0) throw new Error(stderr)
  return { said: stdout.split('\n').slice(0, -1), left: stderr.split('\n').filter(name => name.startsWith('pw')) }
}

const write = `attempt(() => records.write('pw1', attachment))`
const before = `echo '{"network":"pods","containerId":"c0","interfaceName":"eth0","netns":"","addresses":[]}' >pw1`

t.test('on a full disk nothing is half written, and the record of before stays', needsRoot, async t => {
  const root = t.testdir({})
  const { said, left } = tell(
    root,
    'size=64k',
    `${before}; cat /dev/zero >zero 2>/dev/null || true`,
    `${write}; console.log(records.read('pw1').containerId); attempt(() => records.remove('pw1'))`,
  )
  t.match(said[0], /^INPUT_OUTPUT cannot write the record .*\/pw1: ENOSPC.*: make room there, or make it writable$/)
  t.strictSame(said.slice(1), ['c0', 'done'], 'and a full disk keeps no DEL from removing it')
  t.strictSame(left, [])
})

t.test('a read-only disk is told; what is not there can be removed from it all the same', needsRoot, async t => {
  const { said, left } = tell(
    t.testdir({}),
    'size=64k',
    `${before}; mount -o remount,ro .`,
    `${write}; attempt(() => records.remove('pw2')); attempt(() => records.remove('pw1'))`,
  )
  t.match(said[0], /^INPUT_OUTPUT cannot write the record .*\/pw1: EROFS.*make it writable$/)
  t.equal(said[1], 'done')
  t.match(said[2], /^INPUT_OUTPUT cannot remove the record .*\/pw1: EROFS.*: make it writable$/)
  t.strictSame(left, ['pw1'])
})

t.test('whoever reads while another writes and is killed sees a whole record, or none', needsRoot, async t => {
  const root = t.testdir({})
  const records = new Records(root)
  const long = `const addresses = Array.from({ length: 2000 }, (_, i) => '10.1.0.' + i)`
  const forever = `${long}; console.log('ready'); for (;;) records.write('pw1', { ...attachment, addresses })`
  for (let round = 0; round < 3; round++) {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', program(root, forever)])
    await once(writer.stdout, 'data')
    for (let look = 0; look < 50; look++) {
      const lengths = records.list('pw').flatMap(([, found]) => (found ? [found.addresses.length] : []))
      if (lengths.some(length => length !== 2000)) t.fail(`seen with ${lengths} addresses`)
      await sleep(1)
    }
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    t.equal(records.read('pw1')?.addresses.length, 2000)
  }
  records.remove('pw1')
  t.strictSame(readdirSync(root), [], 'and nothing stays of the unfinished')
})

// A process killed in the middle of it: what its record names is released, and then nothing is left.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { readIndex } from './index-file.ts'
import { Occupancy } from './occupancy.ts'
import { allocateAndRelease, namesAt, poolAt, poolProgram, reservationsAt, sets, startPool } from './pool-program.ts'

/** Releases as DEL does, and tells what is wrong then. */
async function leftBy(containerId: string, root: string, others: number): Promise<string | undefined> {
  const record = existsSync(`${root}/record`) ? readFileSync(`${root}/record`, 'utf8') : ''
  const addresses = record.split(' ').filter(Boolean).map(parseAddress)
  await poolAt(root).release({ containerId, interfaceName: 'eth0' }, addresses)
  const reservations = reservationsAt(root)
  if (reservations.length !== others || namesAt(root).includes('.new')) return namesAt(root).join(' ')
  const index = readIndex(`${root}/data/pods`)
  const right = Occupancy.of(sets.flat(), reservations.map(parseAddress))
  const isWrong = index?.tracks.some(({ used }, i) => used !== right.tracks[i]?.used)
  return isWrong ? 'an index that is wrong and agrees' : undefined
}

t.setTimeout(120_000)

t.test('at any time', async t => {
  const root = t.testdir({})
  const other = { containerId: 'other', interfaceName: 'eth0' }
  await poolAt(root).allocate(other, [], () => {})
  for (let i = 0; i < 20; i++) {
    const child = startPool(root, `k${i}`, allocateAndRelease(Number.POSITIVE_INFINITY))
    const exit = once(child, 'exit')
    await once(child.stdout ?? child, 'data')
    await new Promise(resolve => setTimeout(resolve, Math.random() * 25))
    child.kill('SIGKILL')
    await exit
    t.equal(await leftBy(`k${i}`, root, 2), undefined)
  }
  t.ok(poolAt(root).holds(other, parseAddress('10.1.0.2')), 'and another’s addresses are untouched')
})

const strace = '/usr/bin/strace'
const skip = spawnSync(strace, ['-qq', '/bin/true']).status === 0 ? false : 'strace is missing, or may not trace'

// Twice, so that the second time there is an index to change.
const work = allocateAndRelease(2)
const files = ['lock', '.new', '.podwire-index', '.podwire-boot', 'last_reserved_ip.0', 'last_reserved_ip.1']
const reservations = ['10.1.0.2', '10.1.0.3', 'fd00::2', 'fd00::3']
const paths = ['data', 'data/pods', 'run', 'run/boot', ...[...files, ...reservations].map(name => `data/pods/${name}`)]

// What lies between two of these cannot be told apart on disk.
for (const call of ['mkdir', 'symlink', 'write', 'pwrite64', 'link', 'unlink', 'utimensat'])
  t.test(`before any ${call} in the directory`, { skip }, async t => {
    const base = t.testdir({})
    for (let n = 1; ; n++) {
      const root = `${base}/${n}`
      mkdirSync(root)
      const only = paths.flatMap(path => ['-P', `${root}/${path}`])
      const kill = ['-f', '-qq', '-o', '/dev/null', ...only, '-e', `inject=${call}:signal=KILL:when=${n}`]
      const { status } = spawnSync(strace, [...kill, process.execPath, ...poolProgram(root, 'killed', work)])
      t.equal(await leftBy('killed', root, 0), undefined)
      if (status !== 0) continue
      t.ok(n > 1, `${n - 1} times`)
      break
    }
  })

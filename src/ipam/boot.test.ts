import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { currentBoot, reclaim } from './boot.ts'
import { Directory } from './directory.ts'

const files = {
  '10.1.0.2': 'a\r\neth0',
  '10.1.0.3': 'b\r\neth0',
  '10.1.0.4': '',
  'fd00::2': 'a',
  'last_reserved_ip.0': '10.1.0.4',
  lock: '',
}

function fixture(t: Test) {
  const root = t.testdir({ pods: files })
  const directory = new Directory(`${root}/pods`)
  const runDir = `${root}/run`
  let asked = 0
  return {
    directory,
    names: () =>
      readdirSync(directory.path)
        .filter(name => /^[\da-f]+[.:]/.test(name))
        .toSorted(),
    asked: () => asked,
    boot: () => currentBoot(runDir),
    restart: () => rmSync(runDir, { recursive: true }),
    reclaim: (...live: string[]) =>
      reclaim(directory, currentBoot(runDir), () => {
        asked++
        return new Set(live)
      }),
  }
}

t.test('is the same until the token is gone', async t => {
  const { boot, restart } = fixture(t)
  const first = boot()
  t.match(first, /^[\da-f-]{36} \d{20,}$/)
  t.ok(first.startsWith(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()))
  t.equal(boot(), first)
  restart()
  t.not(boot(), first)
})

t.test('a directory that was never seen is adopted as it is', async t => {
  const { reclaim, names, asked } = fixture(t)
  reclaim()
  t.equal(names().length, 4)
  t.equal(asked(), 0)
})

t.test('nothing is freed, nor the kernel asked, within one boot', async t => {
  const { reclaim, names, asked } = fixture(t)
  reclaim()
  reclaim()
  t.equal(names().length, 4)
  t.equal(asked(), 0)
})

t.test('after another boot everything is freed that the kernel does not show, once', async t => {
  const { reclaim, names, asked, restart, directory } = fixture(t)
  reclaim()
  restart()
  reclaim('10.1.0.3', '10.1.0.9')
  t.strictSame(names(), ['10.1.0.3'])
  t.ok(readdirSync(directory.path).includes('last_reserved_ip.0'))
  writeFileSync(directory.at('10.1.0.7'), 'new\r\neth0')
  reclaim()
  t.strictSame(names(), ['10.1.0.3', '10.1.0.7'])
  t.equal(asked(), 1)
})

t.test('what cannot be asked frees nothing, and the next one asks again', async t => {
  const { reclaim: reclaimed, names, restart, directory, boot } = fixture(t)
  reclaimed()
  restart()
  const fail = () => {
    throw new Error('no kernel')
  }
  t.throws(() => reclaim(directory, boot(), fail), { message: 'no kernel' })
  t.equal(names().length, 4)
  reclaimed()
  t.strictSame(names(), [])
})

t.test('an address under a name that is not the canonical one is known all the same', async t => {
  const { reclaim, names, restart, directory } = fixture(t)
  writeFileSync(directory.at('FD00:0::A'), 'c\r\neth0')
  writeFileSync(directory.at('FD00:0::B'), 'c\r\neth0')
  reclaim()
  restart()
  reclaim('fd00::a')
  t.ok(readdirSync(directory.path).includes('FD00:0::A'))
  t.notOk(readdirSync(directory.path).includes('FD00:0::B'))
  t.strictSame(names(), [])
})

t.test('a stamp that was being written when we were killed is none', async t => {
  const { reclaim, names, directory } = fixture(t)
  writeFileSync(directory.at('.podwire-boot'), '')
  reclaim()
  t.equal(names().length, 4)
})

t.test('a token needs no directory that is there', async t => {
  const root = t.testdir({})
  mkdirSync(`${root}/a`)
  t.ok(currentBoot(`${root}/a/b/c`))
})

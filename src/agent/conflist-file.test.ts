import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { writeConflist } from './conflist-file.ts'

t.test('makes the directory, and the file as everybody may read it', async t => {
  const file = `${t.testdir({})}/cni/net.d/10-podwire.conflist`
  t.equal(writeConflist(file, '{}'), 'written')
  t.equal(readFileSync(file, 'utf8'), '{}')
  t.equal(statSync(file).mode & 0o777, 0o644)
})

t.test('what is right already is not touched, what is not is replaced by another file', async t => {
  const file = `${t.testdir({})}/10-podwire.conflist`
  writeConflist(file, 'old')
  const { ino, mtimeNs } = statSync(file, { bigint: true })
  t.equal(writeConflist(file, 'old'), 'unchanged')
  t.equal(statSync(file, { bigint: true }).mtimeNs, mtimeNs)
  t.equal(writeConflist(file, 'new'), 'written')
  t.not(statSync(file, { bigint: true }).ino, ino, 'a runtime that has it open reads on in the old one')
})

t.test('what watches the directory hears of no other name that ends like a configuration', async t => {
  const directory = t.testdir({})
  const seen = new Set<string>()
  const watcher = watch(directory, (_, name) => seen.add(String(name)))
  t.teardown(() => watcher.close())
  writeConflist(`${directory}/10-podwire.conflist`, '{}')
  while (!seen.has('10-podwire.conflist')) await sleep(5)
  for (const name of seen) if (name !== '10-podwire.conflist') t.notMatch(name, /\.(conf|conflist|json)$/)
})

t.test('who reads while the writer is killed sees the whole of one of them', async t => {
  const directory = t.testdir({})
  const file = `${directory}/10-podwire.conflist`
  const program = `
    import { writeConflist } from '${import.meta.resolve('./conflist-file.ts')}'
    const [some, other] = ['a', 'b'].map(letter => letter.repeat(100_000))
    for (let i = 0; ; i++) { writeConflist('${file}', i % 2 ? some : other); if (i === 1) console.log('ready') }`
  for (let round = 0; round < 3; round++) {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', program])
    await once(writer.stdout, 'data')
    for (let look = 0; look < 50; look++) {
      t.match(readFileSync(file, 'utf8'), /^(a{100000}|b{100000})$/)
      await sleep(1)
    }
    writer.kill('SIGKILL')
    await once(writer, 'exit')
  }
  writeConflist(file, 'c')
  t.strictSame(readdirSync(directory), ['10-podwire.conflist'], 'the next one takes the leftover away')
})

t.test('where it cannot be written, it says what to do, and leaves what was there', async t => {
  const directory = t.testdir({ 'net.d': 'a file' })
  t.throws(() => writeConflist(`${directory}/net.d/10-podwire.conflist`, '{}'), {
    code: 'INPUT_OUTPUT',
    message: new RegExp(
      `^cannot write the CNI configuration ${directory}/net.d/10-podwire.conflist: .*: make .*net.d a directory`,
    ),
  })
  t.throws(() => writeConflist('/proc/net.d/10-podwire.conflist', '{}'), { code: 'INPUT_OUTPUT' })
  t.equal(readFileSync(`${directory}/net.d`, 'utf8'), 'a file')
  const taken = `${directory}/10-podwire.conflist`
  writeFileSync(taken, 'old')
  t.notOk(existsSync(`${taken}.new`))
})

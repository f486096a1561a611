import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import type { Attachment } from './attachment.ts'
import { Records } from './records.ts'

const attachment: Attachment = {
  network: 'pods',
  containerId: 'c1',
  interfaceName: 'eth0',
  hostInterface: 'pw1',
  netns: '/run/netns/a',
  pod: 'default/web',
  dataDir: '/run/podwire/ipam',
  addresses: ['10.1.0.2', 'fd00::2'],
}

function fixture(t: Test) {
  const directory = `${t.testdir({})}/deep/attachments`
  return { directory, records: new Records(directory), files: () => readdirSync(directory) }
}

t.test('what is written is read, from a file for root alone', async t => {
  const { records, directory, files } = fixture(t)
  records.write('pw1', attachment)
  t.strictSame(records.read('pw1'), attachment)
  t.strictSame(files(), ['pw1'])
  t.equal(statSync(`${directory}/pw1`).mode & 0o777, 0o600)
  t.strictSame(JSON.parse(readFileSync(`${directory}/pw1`, 'utf8')), attachment)
})

t.test('written again, it is the new one', async t => {
  const { records, files } = fixture(t)
  records.write('pw1', attachment)
  records.write('pw1', { ...attachment, addresses: [] })
  t.strictSame(records.read('pw1')?.addresses, [])
  t.strictSame(files(), ['pw1'])
})

t.test('what is not there is undefined to read, and no failure to remove', async t => {
  const { records, directory } = fixture(t)
  t.equal(records.read('pw1'), undefined)
  t.doesNotThrow(() => records.remove('pw1'))
  t.strictSame(records.list('pw'), [])
  t.notOk(existsSync(directory), 'nor is anything made by asking')
})

t.test('lists by prefix', async t => {
  const { records } = fixture(t)
  for (const name of ['pwaa1', 'pwaa2', 'pwbb1']) records.write(name, { ...attachment, hostInterface: name })
  const names = (prefix: string) => records.list(prefix).map(([name, found]) => [name, found?.hostInterface])
  t.strictSame(names('pwaa').toSorted(), [
    ['pwaa1', 'pwaa1'],
    ['pwaa2', 'pwaa2'],
  ])
  t.strictSame(names('pwcc'), [])
})

t.test('what SIGKILL left half written is listed by its name, is nothing to read, and goes when told', async t => {
  const { records, directory, files } = fixture(t)
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/pw1.new`, '{"network":"po')
  t.strictSame(records.list('pw'), [['pw1', undefined]])
  t.equal(records.read('pw1'), undefined)
  records.write('pw1', attachment)
  writeFileSync(`${directory}/pw1.new`, '')
  t.strictSame(records.list('pw'), [['pw1', attachment]], 'beside a whole one it does not count')
  records.remove('pw1')
  t.strictSame(files(), [])
})

t.test('a damaged record is nothing to read, and can be written over', async t => {
  const { records, directory } = fixture(t)
  mkdirSync(directory, { recursive: true })
  for (const damage of ['', '{', 'null', '\0'.repeat(100), '[]']) {
    writeFileSync(`${directory}/pw1`, damage)
    t.equal(records.read('pw1'), undefined)
    t.strictSame(records.list('pw'), [['pw1', undefined]])
  }
  records.write('pw1', attachment)
  t.strictSame(records.read('pw1'), attachment)
})

t.test('where a directory should be and a file is, the path is told', async t => {
  const { records, directory } = fixture(t)
  mkdirSync(dirname(directory))
  writeFileSync(directory, '')
  t.throws(() => records.write('pw1', attachment), {
    code: 'INPUT_OUTPUT',
    message: new RegExp(`^cannot write the record ${directory}/pw1: ENOTDIR.*: make room there, or make it writable$`),
  })
  t.equal(records.read('pw1'), undefined)
  t.strictSame(records.list('pw'), [])
  t.doesNotThrow(() => records.remove('pw1'))
})

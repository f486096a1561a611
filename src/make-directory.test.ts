import { statSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { makeDirectory } from './make-directory.ts'

t.test('makes what is missing of a path, and is content when nothing is', async t => {
  const root = t.testdir({})
  makeDirectory(`${root}/a/b/c`)
  makeDirectory(`${root}/a/b/c`)
  t.ok(statSync(`${root}/a/b/c`).isDirectory())
})

t.test('fails, with what the kernel says, where none can be', async t => {
  const root = t.testdir({})
  writeFileSync(`${root}/file`, '')
  symlinkSync(`${root}/gone/away`, `${root}/dangling`)
  t.throws(() => makeDirectory(`${root}/file/a/b`), { code: 'ENOTDIR' })
  t.throws(() => makeDirectory(`${root}/dangling/a`), { code: 'ENOENT' })
  t.throws(() => makeDirectory('/proc/no/such'), { code: 'ENOENT', path: '/proc/no' })
})

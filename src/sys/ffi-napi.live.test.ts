// What is built on sys, once more through ffi-napi, where node:ffi would be taken.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import t from 'tap'
import { needsFfiNapi } from '../testing/needs-ffi-napi.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { backend } from './libc.ts'

const again =
  backend() === 'ffi-napi' ? { skip: 'this Node.js takes ffi-napi by itself' } : { ...needsRoot, ...needsFfiNapi }
const files = globSync('src/{netlink,netns,rtnetlink,nftables}/*.live.test.ts')

t.test('live tests pass through ffi-napi', again, async t => {
  t.ok(files.length >= 3, `${files.length} files`)
  for (const file of files) {
    const child = spawnSync(process.execPath, ['--import', './src/testing/choose-ffi-napi.ts', file], {
      encoding: 'utf8',
    })
    t.match(child.stdout, /^# Subtest: .* through ffi-napi$/m, `${file} ran on it`)
    t.equal(child.status, 0, `${file} passes${child.status === 0 ? '' : `: ${child.stdout}`}`)
  }
})

// What an import costs: nothing. VERSION answers without any of it.
import { execFileSync } from 'node:child_process'
import t from 'tap'

const script = `
  const libc = await import(${JSON.stringify(new URL('libc.ts', import.meta.url).href)})
  const loaded = () => process.moduleLoadList.filter(name => name === 'NativeModule ffi' || name === 'NativeModule internal/ffi').length
    + Object.keys(require('node:module')._cache).filter(path => path.includes('ffi-napi')).length
  const before = loaded()
  libc.backend()
  console.log(JSON.stringify([before > 0, loaded() > 0]))
`
const answer = execFileSync(process.execPath, ['--input-type=commonjs', '-e', `(async () => {${script}})()`], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
})
t.same(JSON.parse(answer), [false, true], 'no foreign function interface is loaded before the first call')

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const build = readFileSync(join(import.meta.dirname, '..', '..', 'scripts', 'build'), 'utf8')
const flags = /^v8_flags=\((.*)\)$/m.exec(build)?.[1]?.split(' ') ?? []
const file = join(t.testdir(), 'cache')
const run = (flags: readonly string[], ...lines: string[]): string => {
  const program = ["import { Script } from 'node:vm'", "import fs from 'node:fs'", ...lines].join('\n')
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: {},
  })
  return stdout + stderr
}
const read = `console.log(new Script('1 + 1', { cachedData: fs.readFileSync('${file}') }).cachedDataRejected)`
const optimise = [`import { optimise } from '${join(import.meta.dirname, 'optimise.ts')}'`, 'optimise()']

t.test('with the flags of the executable taken back, V8 takes what was compiled without any', async t => {
  t.ok(flags.length > 0)
  t.equal(run([], `fs.writeFileSync('${file}', new Script('1 + 1').createCachedData())`), '')
  t.equal(run([], read), 'false\n')
  t.equal(run(flags, read), 'true\n')
  t.equal(run(flags, ...optimise, read), 'false\n')
})

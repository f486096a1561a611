// node compile.ts FOLDER [NETNS]: writes NAME.cache beside each bundle NAME.js, for start.ts: the functions that the calls of rehearsal.ts
// needed, or all of them where nothing can be called. The Node.js that runs this must be the one that reads it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { rehearse } from './rehearsal.ts'

const [folder = '', netns] = process.argv.slice(2)
const names = readdirSync(folder).flatMap(file => /^(.*)\.js$/.exec(file)?.[1] ?? [])
const require = createRequire(import.meta.url)
const ran = new Set<string>()

// V8 refuses a cache that was written under other flags than it is read under, so this one is taken back.
if (netns === undefined) setFlagsFromString('--no-lazy')
const bundles = new Map(
  names.map(name => [name, new Script(readFileSync(join(folder, `${name}.js`), 'utf8'), { filename: `${name}.js` })]),
)
setFlagsFromString('--lazy')

const load = (name: string, process: object): unknown => {
  ran.add(name)
  const module = { exports: {} }
  const requireBundle = (id: string) => (id.startsWith('./') ? load(id.slice(2, -3), process) : require(id))
  bundles.get(name)?.runInThisContext()(module, requireBundle, process)
  return module.exports
}

if (netns !== undefined) await rehearse(process => load('main', process), netns)
// What only people and the agent's manifest call has time to compile as it goes.
const unhurried = ['install', 'status', 'kubeconfig']
const unused = names.filter(name => netns !== undefined && !ran.has(name) && !unhurried.includes(name))
if (unused.length > 0) throw new Error(`no call of the rehearsal reached ${unused}`)
for (const [name, bundle] of bundles) writeFileSync(join(folder, `${name}.cache`), bundle.createCachedData())

// node compile.ts FOLDER [NETNS]: writes NAME.VERB.cache beside each bundle NAME.js, for start.ts: the functions that the calls of
// rehearsal.ts needed, or all of them where nothing can be called. The Node.js that runs this must be the one that reads it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { bundleLoader } from './bundle-loader.ts'
import { rehearse } from './rehearsal.ts'

const [folder = '', netns] = process.argv.slice(2)
const names = readdirSync(folder).flatMap(file => /^(.*)\.js$/.exec(file)?.[1] ?? [])
const require = createRequire(import.meta.url)
// Without a verb it is a person or the agent; or, where nothing can be called, whatever comes.
const verbs = netns === undefined ? [''] : ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION', '']
/** By verb and name: V8 shares what it compiled of one source between scripts, unless they have different file names. */
const scripts = new Map<string, Script>()

// V8 refuses a cache that was written under other flags than it is read under, so this one is taken back.
if (netns === undefined) setFlagsFromString('--no-lazy')
const script = (name: string, verb: string): Script => {
  const filename = `${name}.${verb}`
  const made = scripts.get(filename) ?? new Script(readFileSync(join(folder, `${name}.js`), 'utf8'), { filename })
  scripts.set(filename, made)
  return made
}

const main = (process: NodeJS.Process): void => {
  bundleLoader(name => script(name, process.env['CNI_COMMAND'] ?? ''), require, process)('main')
}

if (netns === undefined) for (const name of names) script(name, '')
setFlagsFromString('--lazy')
if (netns !== undefined) await rehearse(main, netns)
// What only people and the agent's manifest call has time to compile as it goes; the agent is compiled by compile-agent.ts.
const unhurried = ['install', 'uninstall', 'status', 'kubeconfig', 'optimise', 'agent']
const unused = names.filter(name => !verbs.some(verb => scripts.has(`${name}.${verb}`)) && !unhurried.includes(name))
if (unused.length > 0) throw new Error(`no call of the rehearsal reached ${unused}`)
for (const [name, made] of scripts) writeFileSync(join(folder, `${name}.cache`), made.createCachedData())

// npm run bench:pods [-- --rounds NUMBER --pods NUMBER --at-once NUMBER IPv4|dual-stack]: pods that containerd makes and removes on a node, ours beside the reference ptp, host-local and portmap.
// Sandboxes alone. Prints a table and writes dist/bench-pods.json, with what an earlier run left there of the family that was not asked for.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { lacks } from '../../../e2e/tools.ts'
import { Findings } from '../findings.ts'
import { machine } from '../machine.ts'
import { dist, needPrograms, reference } from '../programs.ts'
import { measureFamily } from './family.ts'
import { families } from './networks.ts'

const FILE = 'bench-pods.json'
// Kubelet begins with all that it is told of: how many that is at once, the API decides, and the controllers' 20 requests a second.
const options = {
  rounds: { type: 'string', default: '6' },
  pods: { type: 'string', default: '100' },
  'at-once': { type: 'string', default: '10' },
} as const

const { values, positionals } = parseArgs({ options, allowPositionals: true })
const size = { rounds: Number(values.rounds), count: Number(values.pods), atOnce: Number(values['at-once']) }
const asked = families.filter(family => positionals.length === 0 || positionals.includes(family))
if (asked.length === 0 || !Object.values(size).every(number => number >= 1)) {
  console.error(`bench:pods [--rounds NUMBER] [--pods NUMBER] [--at-once NUMBER] [${families.join('|')}]`)
  process.exit(2)
}
const lack = lacks('containerd', 'runc', 'image', 'iptables')
if (lack) throw new Error(lack)
needPrograms()

const findings = new Findings()
const file = join(dist, FILE)
const earlier = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
for (const family of families) findings.results[family] = earlier[family]
console.log(`${size.count} pods, ${size.atOnce} at a time, beside ${reference} on ${machine}`)
for (const family of asked) await measureFamily(family, size, findings)
console.log(`written to ${findings.writeResults(FILE, size.rounds)}\n${findings}`)

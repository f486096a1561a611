// npm run bench:traffic [-- --rounds NUMBER WORD…]: pods of two nodes, ours beside the reference ptp's with routes, or with a VXLAN by `ip`, in namespaces.
// Prints tables, writes dist/bench-traffic.json and draws dist/bench-traffic.svg, both with what earlier runs left there of the parts whose names have not all of the words.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { insideNamespaces } from '../inside-namespaces.ts'
import { machine } from '../machine.ts'
import { needPrograms, reference } from '../programs.ts'
import { Spawner } from '../spawn.ts'
import { measurePart, parts, type Sides, sidesOf } from './parts.ts'
import { TrafficReport } from './report.ts'

const { values, positionals } = parseArgs({ options: { rounds: { type: 'string' } }, allowPositionals: true })
const rounds = Number(values.rounds ?? 30)
const asked = Object.entries(parts).filter(([name]) => positionals.every(word => name.includes(word)))
if (asked.length === 0 || !(rounds >= 1)) {
  console.error(
    `bench:traffic [--rounds NUMBER] [WORD…]: the parts whose names have these words, of ${Object.keys(parts).join(' ')}`,
  )
  process.exit(2)
}

insideNamespaces('mount -t tmpfs run /run')
process.on('uncaughtException', ({ message }) => {
  console.error(`bench:traffic: ${message}`)
  process.exit(1)
})
needPrograms()
const report = new TrafficReport(rounds)
const program = new Spawner('/run').compile(join(import.meta.dirname, 'traffic.c'))
console.log(`${rounds} pairs beside ${reference} on ${machine}`)
console.log(`About ${Math.ceil((asked.length * (10 + rounds * 3)) / 60)} minutes`)
const sides = new Map<string, Sides>()
for (const [name, part] of asked) {
  const both = sides.getOrInsertComputed(`${part.way} ${part.besides}`, () => sidesOf(part))
  report.add(name, part.title, measurePart(part, both, program, rounds))
}
console.log(String(report))

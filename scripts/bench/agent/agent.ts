// npm run bench:agent [-- --rounds NUMBER start|changes|rest…]: the built executable's agent among 5,000 nodes, each round in namespaces of its own. Prints tables and writes dist/bench-agent.json.
// All of it, ten rounds, takes about 15 minutes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { Findings } from '../findings.ts'
import { namespaces } from '../inside-namespaces.ts'
import { machine } from '../machine.ts'
import { dist } from '../programs.ts'
import { Progress } from '../progress.ts'
import { NODES, network } from './cluster.ts'
import { agentTable } from './figures.ts'
import type { Measured, PhaseName } from './round.ts'
import type { SourceName } from './source.ts'

const sources: readonly SourceName[] = ['the API', 'a nodes file']
/** Of the rounds: one of changes takes half a minute, one of rest three. */
const shares: Readonly<Record<PhaseName, number>> = { start: 1, changes: 0.5, rest: 0.1 }
const script = join(import.meta.dirname, 'round.ts')
const program = join(dist, 'podwire')

let running: ChildProcess | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // With it goes the first process of its namespace, and with that one all others.
    running?.kill('SIGKILL')
    process.exit(130)
  })

async function round(phase: PhaseName, source: SourceName): Promise<Measured> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', script, program, phase, source]
  const inside = ['bash', '-euc', network, 'bash', ...node]
  const child = spawn('unshare', [...namespaces, ...inside], { stdio: ['ignore', 'pipe', 'inherit'] })
  running = child
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`a round of ${phase} with nodes from ${source} failed`)
  return JSON.parse(output)
}

const all = Object.keys(shares) as PhaseName[]
const { values, positionals } = parseArgs({ options: { rounds: { type: 'string' } }, allowPositionals: true })
const rounds = Number(values.rounds ?? 10)
const phases = all.filter(phase => positionals.length === 0 || positionals.includes(phase))
if (phases.length === 0 || !(rounds >= 1)) {
  console.error(`bench:agent [--rounds NUMBER] [${all.join('|')}…]`)
  process.exit(2)
}
if (!existsSync(program)) throw new Error(`no ${program}: npm run build`)
console.log(`${NODES} nodes, half of them behind VXLAN, on ${machine}`)
const measured: Readonly<Record<SourceName, Measured[]>> = { 'the API': [], 'a nodes file': [] }
for (const phase of phases) {
  const count = Math.max(1, Math.round(rounds * shares[phase]))
  const progress = new Progress(phase, count * sources.length)
  for (let number = 1; number <= count; number++)
    for (const source of number % 2 === 1 ? sources : sources.toReversed()) {
      measured[source].push(await round(phase, source))
      progress.step()
    }
}
const findings = new Findings()
for (const source of sources) console.log(agentTable(findings, `Nodes from ${source}`, measured[source]))
console.log(`written to ${findings.writeResults('bench-agent.json', rounds)}`)
console.log(String(findings))

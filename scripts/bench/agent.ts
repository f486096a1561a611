// npm run bench:agent [ROUNDS] [PHASE...]: the built executable's agent among 5,000 nodes, each round in namespaces of its own. Prints tables and writes dist/bench-agent.json.
// Phases: start, changes, rest; all of them, ten rounds, take about 15 minutes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { NODES, network } from './agent-cluster.ts'
import { agentTable } from './agent-figures.ts'
import type { Measured, PhaseName } from './agent-round.ts'
import type { SourceName } from './agent-source.ts'
import { Findings } from './findings.ts'
import { dist } from './programs.ts'

const sources: readonly SourceName[] = ['the API', 'a nodes file']
/** Of the rounds: one of changes takes half a minute, one of rest three. */
const shares: Readonly<Record<PhaseName, number>> = { start: 1, changes: 0.5, rest: 0.1 }
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
const script = join(import.meta.dirname, 'agent-round.ts')
const program = join(dist, 'podwire')

let running: ChildProcess | undefined
process.on('SIGINT', () => {
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

function say(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`)
}

const [rounds = '10', ...named] = process.argv.slice(2)
const phases = (Object.keys(shares) as PhaseName[]).filter(phase => named.length === 0 || named.includes(phase))
if (!existsSync(program)) throw new Error(`no ${program}: npm run build`)
console.log(`${NODES} nodes, half of them behind VXLAN, on ${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}`)
const measured: Readonly<Record<SourceName, Measured[]>> = { 'the API': [], 'a nodes file': [] }
for (const phase of phases) {
  const count = Math.max(1, Math.round(Number(rounds) * shares[phase]))
  for (let number = 1; number <= count; number++) {
    for (const source of number % 2 === 1 ? sources : sources.toReversed()) {
      say(`${phase} ${number} of ${count}, nodes from ${source}`)
      measured[source].push(await round(phase, source))
    }
  }
}
say('')
const findings = new Findings()
for (const source of sources) console.log(agentTable(findings, `Nodes from ${source}`, measured[source]))
console.log(`written to ${findings.writeResults('bench-agent.json', Number(rounds))}`)
console.log(String(findings))

// One round of the agent's benchmark, in namespaces of its own: node round.ts PROGRAM PHASE SOURCE prints what it measured as JSON.
import { mkdirSync, watch } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { changes } from './changes.ts'
import { NODES, OWN_NAME, ROUTES } from './cluster.ts'
import { AgentProcess } from './process.ts'
import { RouteEvents } from './routes.ts'
import { type Source, type SourceName, sources } from './source.ts'

export type Measured = Readonly<Record<string, readonly number[]>>

interface Round {
  readonly source: Source
  readonly routes: RouteEvents
  readonly agent: AgentProcess
  /** When the conflist appeared. */
  readonly conflistAt: number
  readonly allAt: number
}

const CHANGES = 240
// The first tick reads all anew, whatever happened: it is measured apart from what comes after.
const FIRST_TICKS_S = 35
const IDLE_S = 60
const REPORTS_PER_SECOND = NODES / 300

export const phases = { start, changes: change, rest }
export type PhaseName = keyof typeof phases

async function start({ source, agent, conflistAt, allAt }: Round): Promise<Measured> {
  const { ownAt, listAt = Number.NaN } = source
  return {
    'start to conflist': [conflistAt - agent.startedAt],
    ...(ownAt !== undefined && { 'own node answered to conflist': [conflistAt - ownAt] }),
    'list arrived to all routes': [allAt - listAt],
    'peak memory': [agent.peakMB],
  }
}

async function change({ source, routes }: Round): Promise<Measured> {
  const took: number[] = []
  for (const { tell, deeds } of changes(source, CHANGES)) {
    routes.forget()
    const told = tell()
    took.push((await routes.all(deeds)) - told)
    // Apart, and not in step with anything.
    await wait(20 + Math.random() * 60)
  }
  return { 'one change': took }
}

async function rest({ source, agent }: Round): Promise<Measured> {
  const passes = () => agent.metric('podwire_passes_total{result="unchanged"}')
  const before = await passes()
  const { changes } = await agent.messagesSent(FIRST_TICKS_S)
  const unchanged = (await passes()) - before
  if (unchanged === 0) throw new Error('no pass came in the time that messages were counted')
  const quiet = await agent.processorShare(IDLE_S)
  const memory = agent.memoryMB()
  if (source.words.includes('--nodes'))
    return { 'sent by a pass': [changes.length], idle: [quiet], 'memory at rest': [memory] }
  let timer: NodeJS.Timeout | undefined
  const report = () => {
    source.report()
    timer = setTimeout(report, (-Math.log(1 - Math.random()) * 1000) / REPORTS_PER_SECOND)
  }
  report()
  // What is called often is compiled better: a minute of a long life.
  await wait(20_000)
  const reported = await agent.processorShare(IDLE_S)
  clearTimeout(timer)
  return {
    'sent by a pass': [changes.length],
    idle: [quiet],
    'idle with status reports': [reported],
    'memory at rest': [memory, agent.memoryMB()],
  }
}

async function run(program: string, phase: PhaseName, name: SourceName): Promise<Measured> {
  await using source = await sources[name]()
  using routes = new RouteEvents()
  mkdirSync('/run/net.d')
  const { promise: conflist, resolve } = Promise.withResolvers<number>()
  const watcher = watch('/run/net.d', (_, file) => file === '10-podwire.conflist' && resolve(performance.now()))
  const words = ['--node', OWN_NAME, '--conflist', '/run/net.d/10-podwire.conflist', ...source.words]
  const agent = new AgentProcess(program, words, source.env)
  const conflistAt = await conflist
  watcher.close()
  if (name === 'a nodes file') await wait(500)
  source.tellAll()
  const allAt = await routes.many(ROUTES)
  await wait(500)
  agent.stopSampling()
  const measured = await phases[phase]({ source, routes, agent, conflistAt, allAt })
  await agent.end()
  return measured
}

// The first process of a namespace dies of no signal that it does not ask for.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
const [program = '', phase, source] = process.argv.slice(2)
console.log(JSON.stringify(await run(program, phase as PhaseName, source as SourceName)))
process.exit(0)

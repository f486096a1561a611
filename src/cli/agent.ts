// The node agent, from its options until a signal ends it.
import { Agent } from '../agent/agent.ts'
import type { AgentLog } from '../agent/agent-log.ts'
import { type Announcing, announcing } from '../agent/announcing.ts'
import { NodesFile } from '../cluster/nodes-file.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { hasCode, Problem } from '../problem.ts'
import { agentDuties } from './agent-duties.ts'
import { agentLog } from './agent-log.ts'
import { type AgentEnvironment, type AgentFlags, agentFlags, agentHelp } from './agent-options.ts'
import { type Cluster, kubernetesCluster } from './kubernetes-cluster.ts'
import { write } from './stdio.ts'

const EVERY_MS = 30_000

/** The exit code. */
export async function agent(words: readonly string[], environment: AgentEnvironment): Promise<number> {
  try {
    const flags = agentFlags(words, environment)
    if (flags.help) {
      write(1, agentHelp)
      return 0
    }
    await run(flags, environment)
    return 0
  } catch (error) {
    const { code, message, details } = hasCode(error, 'EPERM', 'EACCES') ? forbidden(error) : asProblem(error)
    write(2, `podwire agent: ${message}${details === '' ? '' : `. ${details}`}\n`)
    return code === 'CONFIG_INVALID' ? 2 : 1
  }
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

function forbidden(error: unknown): Problem {
  const why = error instanceof Error ? error.message : error
  const message = `this process may not change the node's network (${why}): it needs root, or NET_ADMIN and SYS_ADMIN in the node's network namespace`
  return new Problem('KERNEL_REFUSED', message, '', error)
}

async function run(flags: AgentFlags, environment: AgentEnvironment): Promise<void> {
  const ended = new Promise<NodeJS.Signals>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
  const { node, mode, nodes, vxlan } = flags
  const log = agentLog(flags.logLevel)
  const cluster = await clusterOf(flags, environment, log)
  using datapath = new KernelDatapath()
  await using face = await faceOf(flags, log, datapath)
  using undo = new DisposableStack()
  const duties = agentDuties(flags, { datapath, cluster, metrics: face.metrics, log, undo })
  using own = new DisposableStack()
  using kept = new Agent(
    { ownName: node, mode, tunnel: vxlan, everyMs: EVERY_MS },
    {
      source: cluster.source,
      log,
      duties,
      onPass(report) {
        if (face.onPass(report)) cluster.available()
        own.dispose()
      },
      onComplaint(problem) {
        face.onComplaint(problem)
        cluster.tell(problem)
      },
    },
  )
  own.use(cluster.followOwn(self => face.foretell(kept.ownClaims(self), kept.podMtu(self))))
  log.info({ node, mode, nodes: nodes ?? 'Kubernetes' }, 'started')
  log.info({ signal: await ended }, 'ends; routes stay')
}

async function clusterOf(flags: AgentFlags, environment: AgentEnvironment, log: AgentLog): Promise<Cluster> {
  if (flags.nodes === undefined) return kubernetesCluster(flags, environment, log)
  const nothing = { [Symbol.dispose]: () => {} }
  return {
    source: new NodesFile(flags.nodes),
    tell: () => {},
    note: () => {},
    available: () => {},
    followOwn: () => nothing,
  }
}

function faceOf(flags: AgentFlags, log: AgentLog, datapath: KernelDatapath): Promise<Announcing> {
  const { node, conflist, network, mtu, antiSpoof, chained, pluginLog, masquerade, clusterCidrs, state, listen } = flags
  const options = {
    network,
    chained,
    antiSpoof,
    ...(mtu !== undefined && { mtu }),
    ...(pluginLog !== undefined && { log: { file: pluginLog } }),
    ...(masquerade && { masquerade: { except: clusterCidrs } }),
  }
  return announcing({
    node,
    everyMs: EVERY_MS,
    runDir: state,
    listen,
    log,
    conflist: conflist === undefined ? undefined : { file: conflist, options },
    liveAddresses: () => datapath.liveAddresses(),
  })
}

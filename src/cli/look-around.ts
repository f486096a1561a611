// Gathers what `podwire status` shows. What cannot be looked up, as without root, is said and left out.
import { statSync } from 'node:fs'
import type { WayReport } from '../agent/agent-report.ts'
import type { Finding } from '../agent/finding.ts'
import { observe } from '../agent/observe.ts'
import { obstacles } from '../agent/obstacles.ts'
import { rangeUse } from '../agent/range-use.ts'
import { type AgentState, readState } from '../agent/state-file.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { Connection } from '../netlink/connection.ts'
import { askAgent } from './ask-agent.ts'
import type { NodeStatus } from './node-status.ts'

/** `runDir`: /run/podwire. */
export async function lookAround(release: string, runDir: string): Promise<NodeStatus> {
  const unknown: string[] = []
  const looked = async <T>(what: string, look: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await look()
    } catch (error) {
      unknown.push(`${what}: ${reason(error)}`)
      return otherwise
    }
  }
  const state = readState(`${runDir}/agent.json`)
  const { report, silence } = await agentNow(state)
  const podCidrs = report?.podCidrs ?? state?.podCidrs ?? []
  const network = report?.network ?? state?.network
  const ranges = await looked('addresses', () => rangesOf(podCidrs, runDir, network), [])
  const ways = report?.lastPass === undefined ? await looked('routes', kernelWays, []) : []
  const conflist = report?.conflist ?? state?.conflist
  const found = await looked('obstacles', () => obstacles(conflist, podCidrs), [])
  // Who is not ready says why.
  const isExpected = (report ?? state)?.ready === true && conflist !== undefined
  const missed = isExpected ? await looked('conflist', () => missing(conflist), []) : []
  const findings = [...missed, ...found]
  return { release, state, report, silence, ranges, ways, findings, unknown }
}

function missing(conflist: string): Finding[] {
  if (statSync(conflist, { throwIfNoEntry: false }) !== undefined) return []
  const mend = 'the agent writes it again within half a minute; where it does not, its log says why'
  return [{ what: `${conflist} is not there: the runtime has no network`, mend }]
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function agentNow(state: AgentState | undefined): Promise<Pick<NodeStatus, 'report' | 'silence'>> {
  if (state?.listens === undefined) return { report: undefined, silence: undefined }
  try {
    return { report: await askAgent(state.listens), silence: undefined }
  } catch (error) {
    return { report: undefined, silence: `does not answer on ${state.listens}: ${reason(error)}` }
  }
}

async function rangesOf(podCidrs: readonly string[], runDir: string, network: string | undefined) {
  using datapath = new KernelDatapath()
  return await rangeUse({ podCidrs, runDir, network, liveAddresses: () => datapath.liveAddresses() })
}

function kernelWays(): WayReport[] {
  using connection = Connection.open()
  return Array.from(observe(connection).routes.values())
    .filter(({ device }) => device !== undefined)
    .map(({ destination, gateway, device }) => ({
      node: '',
      destination,
      way: device === 'tunnel' ? 'vxlan' : 'direct',
      via: gateway,
    }))
}

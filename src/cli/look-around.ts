// Gathers what `podwire status` shows. What cannot be looked up, as without root, is said and left out.
import { existsSync, readFileSync } from 'node:fs'
import type { WayReport } from '../agent/agent-report.ts'
import { conflistFindings } from '../agent/conflist-findings.ts'
import { earlierConflists } from '../agent/earlier-conflists.ts'
import type { Finding } from '../agent/finding.ts'
import { forwardFindings } from '../agent/forward-findings.ts'
import { observe } from '../agent/observe.ts'
import { rangeUse } from '../agent/range-use.ts'
import { type AgentState, readState } from '../agent/state-file.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { listChains } from '../nftables/list-chains.ts'
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
  const ranges = await looked('addresses', () => rangesOf(podCidrs, runDir), [])
  const ways = report === undefined ? await looked('routes', kernelWays, []) : []
  const firewalls = await looked('firewalls', () => forwardFindings(readFirewalls(), podCidrs), [])
  const findings = [...configurationFindings(report?.conflist ?? state?.conflist), ...firewalls]
  return { release, state, report, silence, ranges, ways, findings, unknown }
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

async function rangesOf(podCidrs: readonly string[], runDir: string) {
  using datapath = new KernelDatapath()
  return await rangeUse({ podCidrs, runDir, liveAddresses: () => datapath.liveAddresses() })
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

const configurationFindings = (conflist: string | undefined): Finding[] =>
  conflist === undefined ? [] : conflistFindings(conflist, existsSync(conflist), earlierConflists(conflist))

function readFirewalls() {
  using connection = Connection.open(NETLINK_NETFILTER)
  const chains = (['inet', 'ip', 'ip6'] as const).flatMap(family => listChains(connection, family))
  return { chains, legacyTables: ['ip', 'ip6'].flatMap(legacyTables) }
}

/** Of a kernel that never loaded them there is no such file. */
function legacyTables(family: string): string[] {
  try {
    return readFileSync(`/proc/net/${family}_tables_names`, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

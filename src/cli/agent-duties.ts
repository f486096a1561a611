// What the agent keeps right besides routes, and who hears of it.
import type { AgentLog } from '../agent/agent-log.ts'
import { GarbageDuty } from '../agent/garbage-duty.ts'
import type { Metrics } from '../agent/metrics.ts'
import type { Duty } from '../agent/pass.ts'
import { TableKeeper } from '../agent/table-keeper.ts'
import { tunnelChecksums } from '../agent/tunnel-checksums.ts'
import type { Datapath } from '../datapath/datapath.ts'
import { NETLINK_GENERIC } from '../ethtool/features.ts'
import { Connection } from '../netlink/connection.ts'
import { Records } from '../records/records.ts'
import type { AgentFlags } from './agent-options.ts'
import type { Cluster } from './kubernetes-cluster.ts'

interface Parts {
  readonly datapath: Datapath
  readonly cluster: Cluster
  readonly metrics: Metrics
  readonly log: AgentLog
  readonly undo: DisposableStack
}

export function agentDuties(flags: AgentFlags, parts: Parts): Duty[] {
  const { state, masquerade, clusterCidrs, vxlanOffload } = flags
  const { datapath, log, undo } = parts
  const table = new TableKeeper({
    records: new Records(`${state}/attachments`),
    datapath,
    masquerade: masquerade ? { cluster: clusterCidrs, except: [] } : undefined,
    onRestore: why => log.warn({ why }, "the node's table was made anew"),
  })
  const duties: Duty[] = [undo.use(table), garbageDuty(state, parts)]
  if (!vxlanOffload) duties.push(tunnelChecksums(undo.use(Connection.open(NETLINK_GENERIC))))
  return duties
}

function garbageDuty(runDir: string, { datapath, cluster, metrics, log }: Parts): GarbageDuty {
  return new GarbageDuty({
    places: { runDir },
    datapath,
    onReclaim(reclaimed) {
      for (const { kind, what, whose, why } of reclaimed) {
        metrics.countReclaimed(kind)
        log.info({ kind, what, whose, why }, 'reclaimed')
      }
      const [first] = reclaimed
      if (first === undefined) return
      const others = reclaimed.length > 1 ? `, and ${reclaimed.length - 1} more` : ''
      cluster.note('Reclaimed', `${first.kind} ${first.what} of ${first.whose}: ${first.why}${others}`)
    },
  })
}

// What the agent keeps right besides routes, and who hears of it.
import type { AgentLog } from '../agent/agent-log.ts'
import { GarbageDuty } from '../agent/garbage-duty.ts'
import type { Metrics } from '../agent/metrics.ts'
import type { Duty } from '../agent/pass.ts'
import { tunnelChecksums } from '../agent/tunnel-checksums.ts'
import type { Datapath } from '../datapath/datapath.ts'
import { NETLINK_GENERIC } from '../ethtool/features.ts'
import { Connection } from '../netlink/connection.ts'
import type { Cluster } from './kubernetes-cluster.ts'

interface Parts {
  readonly runDir: string
  readonly datapath: Datapath
  readonly cluster: Cluster
  readonly metrics: Metrics
  readonly log: AgentLog
  readonly vxlanOffload: boolean
}

export function agentDuties({ runDir, datapath, cluster, metrics, log, vxlanOffload }: Parts): Duty[] {
  const garbage = new GarbageDuty({
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
  return [garbage, ...(vxlanOffload ? [] : [tunnelChecksums(Connection.open(NETLINK_GENERIC))])]
}

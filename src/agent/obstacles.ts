// Looks for what stops pods' traffic and is not ours to change.
import { readFileSync } from 'node:fs'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { listChains } from '../nftables/list-chains.ts'
import { hasCode } from '../problem.ts'
import { conflistFindings } from './conflist-findings.ts'
import { earlierConflists } from './earlier-conflists.ts'
import type { Finding } from './finding.ts'
import { type Firewalls, forwardFindings } from './forward-findings.ts'

/** In the network namespace of the calling thread. */
export function obstacles(conflist: string | undefined, podCidrs: readonly string[]): Finding[] {
  const inTheWay = conflist === undefined ? [] : conflistFindings(conflist, earlierConflists(conflist))
  return [...inTheWay, ...forwardFindings(readFirewalls(), podCidrs)]
}

/** None where the kernel has no nftables, or does not tell us. */
function readFirewalls(): Firewalls {
  const known = ['ip', 'ip6'].flatMap(legacyTables)
  try {
    using connection = Connection.open(NETLINK_NETFILTER)
    const chains = (['inet', 'ip', 'ip6'] as const).flatMap(family => listChains(connection, family))
    return { chains, legacyTables: known }
  } catch (error) {
    if (!hasCode(error, 'EPROTONOSUPPORT', 'EPERM', 'EOPNOTSUPP')) throw error
    return { chains: [], legacyTables: known }
  }
}

/** Of a kernel that never loaded them there is no such file. */
function legacyTables(family: string): string[] {
  try {
    return readFileSync(`/proc/net/${family}_tables_names`, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

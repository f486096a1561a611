// Firewalls that keep pods' packets from being forwarded: Docker, ufw and firewalld do it, each in its own way.
import type { Chain } from '../nftables/chain.ts'
import type { Finding } from './finding.ts'

export interface Firewalls {
  readonly chains: readonly Chain[]
  /** "filter", where iptables-legacy has such a table here: netlink does not show what is in it. */
  readonly legacyTables: readonly string[]
}

export function forwardFindings({ chains, legacyTables }: Firewalls, podCidrs: readonly string[]): Finding[] {
  const forwarding = chains.filter(({ base, table }) => base?.hook === 'forward' && table !== 'podwire')
  const dropping = forwarding.filter(({ base }) => base?.policy === 'drop')
  return [
    ...dropping.map(chain => dropFinding(chain, chains)),
    ...firewalldFindings(forwarding, podCidrs),
    ...legacyTables.filter(table => table === 'filter').map(() => legacyFinding),
  ]
}

function dropFinding({ family, table, name }: Chain, chains: readonly Chain[]): Finding {
  const what = `the policy of ${family} ${table} ${name} is drop: what pods send to others is stopped unless a rule lets it pass`
  const isIptables = (family === 'ip' || family === 'ip6') && table === 'filter' && name === 'FORWARD'
  if (!isIptables) return { what, mend: `nft 'chain ${family} ${table} ${name} { policy accept; }'` }
  const tool = family === 'ip' ? 'iptables' : 'ip6tables'
  const has = (start: string): boolean => chains.some(chain => chain.family === family && chain.name.startsWith(start))
  if (has('ufw')) return { what: `${what} (ufw)`, mend: 'ufw default allow routed' }
  if (has('DOCKER-USER')) return { what: `${what} (Docker)`, mend: `${tool} -I DOCKER-USER -j ACCEPT` }
  return { what, mend: `${tool} -P FORWARD ACCEPT` }
}

/** It accepts by policy and rejects by its last rule, but for the zones that it trusts. */
function firewalldFindings(forwarding: readonly Chain[], podCidrs: readonly string[]): Finding[] {
  if (!forwarding.some(({ table }) => table === 'firewalld')) return []
  const sources = podCidrs.map(cidr => ` --add-source=${cidr}`).join('')
  return [
    {
      what: 'firewalld is at work, and rejects what it was not told of: pods must be in a zone that it trusts',
      mend: `firewall-cmd --permanent --zone=trusted${sources} && firewall-cmd --reload`,
    },
  ]
}

const legacyFinding: Finding = {
  what: 'iptables-legacy has a filter table here, which cannot be read from outside it: its FORWARD policy is unknown',
  mend: 'iptables-legacy -S FORWARD, and if it says -P FORWARD DROP: iptables-legacy -P FORWARD ACCEPT',
}

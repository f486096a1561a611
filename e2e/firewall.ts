// The node's nftables as the tests see it: what is ours and a pod's, and all that is somebody else's.
import type { Host } from './host.ts'

const ours = /^table inet podwire \{\n[\s\S]*?^\}\n/m

/** Without counters, and without what packets have put there for some seconds; nothing where there is no nft to ask. */
export const ruleset = (host: Host): string =>
  host.shell(
    `set -o pipefail; if command -v nft >/dev/null; then nft --stateless list ruleset; fi | sed '/^\tset senders/,/^\t}/d'`,
  )

/** The elements of our table that bear a pod's name. */
export function podElements(host: Host): string[] {
  const [table = ''] = ours.exec(ruleset(host)) ?? []
  return Array.from(table.matchAll(/[^,{}]*comment "pw[^,{}]*/g), ([element]) => element.replaceAll(/\s+/g, ' ').trim())
}

/** The line of everything that is not ours, and of each element that is a pod's: our table without pods stays by design. */
export function firewallOf(host: Host): string[] {
  const others = ruleset(host).replace(ours, '').split('\n')
  return [...others.filter(line => line !== ''), ...podElements(host)]
}

/** How many packets were dropped as spoofed. */
export function spoofedPackets(host: Host): number {
  const said = host.run('nft', ['list', 'counter', 'inet', 'podwire', 'spoofed'])
  return Number(/packets (\d+)/.exec(said)?.[1])
}

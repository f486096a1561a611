// Everything on a host, and in its pods, that a call may have changed: two of these are compared, and what differs is named.
import { readFileSync } from 'node:fs'
import { firewallOf } from './firewall.ts'
import type { Host } from './host.ts'
import { files } from './leftovers.ts'
import { Pod } from './pod.ts'

// Few processes, as it is asked after every call.
const script = `
show() { echo "# $2"; ip $1 -o -batch - <<<$'link\\naddress\\nneighbour show nud permanent\\nroute show table all'; }
show '' host
for pod in /run/netns/*; do [ ! -e "$pod" ] || show "-n \${pod##*/}" "$pod"; done`

// What the kernel does by itself, sooner or later: its own link-locals, with their duplicate address detection.
const comesByItself = /\bfe80::([1-9a-f][\da-f]+:|\/64)/

/** Node-wide state that stays by design, and changes with every call: locks, round-robin marks, the index, the boot stamp. */
const staysByDesign = /\/(lock|last_reserved_ip\.\d+|boot|\.podwire-(index|boot))$/

export function stateOf(host: Host, ...folders: readonly string[]): string[] {
  const paths = ['/run/podwire', ...folders].flatMap(folder => files(host, folder))
  const contents = paths
    .filter(path => !staysByDesign.test(path))
    .map(path => `${path}: ${readFileSync(host.path(path), 'utf8').slice(0, 500)}`)
  const kernel = host
    .shell(script)
    .split('\n')
    .filter(line => !comesByItself.test(line))
    // How a link is found from elsewhere, and whether its other end is up.
    .map(line =>
      line
        .replaceAll(
          / (link-netns|link-netnsid) \S+|(NO-CARRIER|LOWER_UP|M-DOWN),|,(NO-CARRIER|LOWER_UP|M-DOWN)| state \w+| linkdown|@if\d+/g,
          '',
        )
        .trim(),
    )
  return [...kernel, ...firewallOf(host), ...contents].filter(line => line !== '')
}

/** A pod in which nothing changes but what belongs to an attachment: any ADD sets `lo` up, and leaves it so. */
export function quietPod(host: Host, name: string): Pod {
  const pod = Pod.make(host, name)
  pod.run('ip', ['link', 'set', 'lo', 'up'])
  return pod
}

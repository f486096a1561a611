// What pods have on their node besides themselves: interfaces, routes, elements of nftables, addresses, records, namespaces.
import type { Node } from './cluster.ts'

const script = `
ip -json link | grep -oE '"ifname":"(pw|bw)[^"]*"' | sed 's/^/link /' || true
ip -4 route show proto 112 | sed 's/^/route /'
ip -6 route show proto 112 | sed 's/^/route /'
nft list table inet podwire 2>/dev/null | sed -E '/^\tset (except|senders)/,/^\t}/d' | grep -E '(10[.]244|fd00:10:244)' | sed 's/^[[:space:]]*/element /' || true
find /run/podwire/attachments -type f 2>/dev/null || true
find /run/podwire/ipam -type f -regextype egrep -regex '.*/([0-9]+\\.[0-9.]+|[0-9a-f]*:[0-9a-f:]+)' 2>/dev/null || true
find /run/netns -mindepth 1`

export const podTraces = (node: Node): string[] => node.shell(script).split('\n').filter(Boolean)

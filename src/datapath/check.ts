// CHECK's question: which pieces of a pod are not as they should be, here in the kernel.
import { contains, formatPrefix, parsePrefix } from '../ip/prefix.ts'
import type { Connection } from '../netlink/connection.ts'
import type { Namespace } from '../netns/namespace.ts'
import { findElement } from '../nftables/find-element.ts'
import { readTable } from '../nftables/ruleset.ts'
import { observedShaping } from './bandwidth.ts'
import type { OtherPods } from './claim.ts'
import { differences } from './differences.ts'
import { readPrefixes } from './exceptions.ts'
import { isForwarding, localRouting } from './forwarding.ts'
import { within } from './node-table.ts'
import { type ObservedEnd, observedEnd } from './observed.ts'
import type { Side } from './pair.ts'
import { hasFamily, type PodLink } from './pod-link.ts'
import { type PortElement, portElements } from './port-elements.ts'
import { buckets, shapingDifferences } from './shaping.ts'
import { tableDifferences } from './table-differences.ts'

/** Sentences, each with the name of what is wrong. `tables` is absent where the pod needs none. */
export function wrongPieces(
  { namespace, connection }: Side,
  pod: Connection,
  tables: Connection | undefined,
  want: PodLink,
  others: OtherPods,
): string[] {
  const host = observedEnd(connection, want.hostInterface)
  const wrong = differences(want, {
    host,
    pod: observedEnd(pod, want.interfaceName),
    isForwarding: { 4: isForwarding(namespace, 4), 6: isForwarding(namespace, 6) },
  })
  if (host.link === undefined) return wrong
  const shaping =
    want.bandwidth === undefined
      ? []
      : shapingDifferences(
          want.hostInterface,
          buckets(want.bandwidth, host.link.mtu),
          observedShaping(connection, want.hostInterface),
        )
  return [
    ...wrong,
    ...shaping,
    ...wrongLoopback(namespace, host, want),
    ...(tables ? wrongInTable(tables, want, others) : []),
  ]
}

/** What lets 127.0.0.1 and ::1 reach the pod's ports. */
function wrongLoopback(
  node: Namespace,
  host: ObservedEnd,
  { hostInterface: name, addresses, rules }: PodLink,
): string[] {
  if (rules.ports.length === 0) return []
  const isWrong4 = hasFamily(addresses, 4) && node.readSysctl(localRouting(name)) === '0'
  const isWrong6 = hasFamily(addresses, 6) && !host.routes.some(({ destination }) => destination === '::1/128')
  return [
    ...(isWrong4 ? [`127.0.0.1 does not reach the pod's ports: sysctl -w net.ipv4.conf.${name}.route_localnet=1`] : []),
    ...(isWrong6
      ? [`::1 does not reach the pod's ports: ip -6 route add local ::1 dev ${name} table local metric 2000`]
      : []),
  ]
}

function wrongInTable(tables: Connection, want: PodLink, others: OtherPods): string[] {
  const table = tableDifferences(readTable(tables, within))
  if (table.length > 0) return table
  return [
    ...portElements(want).flatMap(item => wrongElement(tables, item, want.hostInterface, others)),
    ...missingExceptions(tables, want.rules.masqueradeExcept ?? []),
  ]
}

/** The first of one container's attachments has its ports. */
function wrongElement(
  tables: Connection,
  { set, element, port }: PortElement,
  owner: string,
  others: OtherPods,
): string[] {
  const { comment } = findElement(tables, set, element.key) ?? {}
  if (comment === owner || (comment !== undefined && others.holder(comment) === 'same container')) return []
  const what = port ? `host port ${port.protocol}/${port.hostPort}` : 'what lets the pod reach itself by its host ports'
  return [
    comment === undefined ? `${what} is missing from ${set.name}` : `${what} in ${set.name} is held by ${comment}`,
  ]
}

function missingExceptions(tables: Connection, except: readonly string[]): string[] {
  if (except.length === 0) return []
  const there = readPrefixes(tables)
  return except
    .map(parsePrefix)
    .filter(({ address, length }) => !there.some(has => has.length <= length && contains(has, address)))
    .map(prefix => `${formatPrefix(prefix)} is not excepted from masquerade`)
}

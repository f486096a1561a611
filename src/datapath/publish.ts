// Puts a pod's host ports into the node's table, and takes them out; makes the table where it is not, or not whole.
import { deleteFlows, type FlowDestination } from '../conntrack/delete-flows.ts'
import { parseAddress } from '../ip/address.ts'
import { outermost } from '../ip/outermost.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { Connection } from '../netlink/connection.ts'
import type { Change } from '../nftables/change.ts'
import { generation } from '../nftables/generation.ts'
import { outline } from '../nftables/outline.ts'
import { readElements } from '../nftables/read-elements.ts'
import { decideAndCommit } from '../nftables/update.ts'
import { hasCode, Problem } from '../problem.ts'
import { claim, type Held, type OtherPods } from './claim.ts'
import { ElementsThere } from './elements-there.ts'
import { exceptionChanges, newExceptions } from './exceptions.ts'
import { allSets, nodeTable, OBJECT_COUNT, RULE_COUNT, TABLE_VERSION, within } from './node-table.ts'
import { type PodOnNode, type PortElement, portElements } from './port-elements.ts'

const IPPROTO_UDP = 17

const TRIES = 3

export function publish(connection: Connection, pod: PodOnNode, others: OtherPods): void {
  for (let tries = 1; ; tries++) {
    if (!isWhole(connection)) restore(connection, others)
    try {
      add(connection, pod, others)
      return
    } catch (error) {
      // Somebody flushed it meanwhile.
      if (tries === TRIES || !hasCode(error, 'ENOENT')) throw error
    }
  }
}

function add(connection: Connection, pod: PodOnNode, others: OtherPods): void {
  const elements = portElements(pod)
  const except = pod.rules.masqueradeExcept ?? []
  if (elements.length === 0 && except.length === 0) return
  decideAndCommit(connection, () => [
    ...newExceptions(connection, except),
    ...claims(connection, elements, pod.hostInterface, others),
  ])
  flushFlows(connection, elements)
}

function claims(connection: Connection, elements: readonly PortElement[], owner: string, others: OtherPods): Change[] {
  const there = new ElementsThere(connection, elements.length)
  return elements.flatMap(element => claim(there, element, owner, others))
}

/** Takes out what bears the pod's name. Where no record says what that is, everything is looked through. */
export function withdraw(connection: Connection, hostInterface: string, pod: PodOnNode | undefined): void {
  if (!hasNftables(connection)) return
  let forgotten: readonly Held[] = []
  decideAndCommit(connection, () => {
    const there = pod ? heldOf(connection, pod) : everyHeld(connection)
    const isMine = ({ element }: Held): boolean => element.comment === hostInterface
    const gone = there.filter(isMine)
    const others = there.filter(item => !isMine(item))
    forgotten = pod ? unheld(portElements(pod), others) : gone
    return gone.map(({ set, element }) => ['destroy', { kind: 'elements', set, elements: [element] }])
  })
  // Also of elements that are not there: somebody flushed them, or an earlier DEL was killed before it came to the flows.
  flushFlows(connection, forgotten)
}

/** Those that another pod does not have. */
function unheld(elements: readonly Held[], taken: readonly Held[]): readonly Held[] {
  const keys = new Set(taken.map(({ set, element }) => `${set.name} ${element.key}`))
  return elements.filter(({ set, element }) => !keys.has(`${set.name} ${element.key}`))
}

/** The host ends that anything in the table is named for. */
export const publishedInterfaces = (connection: Connection): string[] =>
  hasNftables(connection)
    ? [...new Set(everyHeld(connection).flatMap(({ element: { comment } }) => comment ?? []))]
    : []

/** Where the kernel has none, it has nothing of ours. */
function hasNftables(connection: Connection): boolean {
  try {
    generation(connection)
    return true
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'ENOTSUP')) return false
    throw error
  }
}

/** Makes the whole table anew, with all pods that are there. */
export function restore(connection: Connection, others: OtherPods): void {
  let pods: readonly PodOnNode[] = []
  decideAndCommit(connection, () => {
    pods = others.all()
    return wholeTable({ ...others, all: () => pods })
  })
  // A DEL that looked between the two found nothing to take out; its link was gone by then.
  const there = new Set(others.all().map(({ hostInterface }) => hostInterface))
  for (const pod of pods) {
    if (pod.rules.ports.length > 0 && !there.has(pod.hostInterface)) withdraw(connection, pod.hostInterface, pod)
  }
}

/** What makes it so, with more exceptions than the pods themselves ask for. */
export function wholeTable(others: OtherPods, more: readonly Prefix[] = []): Change[] {
  const pods = others.all()
  const elements = distinct(pods.flatMap(portElements))
  const asked = pods.flatMap(({ rules }) => rules.masqueradeExcept ?? []).map(parsePrefix)
  const [table, ...rest] = nodeTable()
  if (table?.kind !== 'table') return []
  return [
    ['destroy', table],
    ...[table, ...rest].map(object => ['add', object] as Change),
    ...elements.map(({ set, element }): Change => ['add', { kind: 'elements', set, elements: [element] }]),
    ...exceptionChanges(outermost([...asked, ...more])),
  ]
}

/** As far as counting tells: whoever changed a rule into another is found by CHECK. A newer plugin's table is left to it. */
export const isWhole = (connection: Connection): boolean => ['whole', 'newer'].includes(tableState(connection))

export function tableState(connection: Connection): 'missing' | 'damaged' | 'whole' | 'newer' {
  const found = readable(() => outline(connection, within))
  if (found === undefined) return 'missing'
  const version = Number(/^podwire (\d+)$/.exec(found.comment ?? '')?.[1] ?? 0)
  if (version > TABLE_VERSION) return 'newer'
  const isOurs = version === TABLE_VERSION && found.ruleCount === RULE_COUNT && found.objectCount === OBJECT_COUNT
  return isOurs ? 'whole' : 'damaged'
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw hasCode(error, 'EINVAL', 'ENOTSUP') ? nftablesMissing(error) : error
  }
}

export const nftablesMissing = (cause: unknown): Problem =>
  new Problem(
    'NFTABLES_MISSING',
    'the kernel has no nftables: load its module nf_tables, or set "antiSpoof" to false and ask for neither host ports nor masquerade',
    '',
    cause,
  )

/** Of two that want the same, the first has it. */
const distinct = (all: readonly PortElement[]): PortElement[] => [
  ...new Map(all.toReversed().map(item => [`${item.set.name} ${item.element.key}`, item])).values(),
]

function heldOf(connection: Connection, pod: PodOnNode): Held[] {
  const elements = portElements(pod)
  const there = new ElementsThere(connection, elements.length)
  return elements.flatMap(({ set, element }) => {
    const found = there.find(set, element.key)
    return found ? [{ set, element: found }] : []
  })
}

function everyHeld(connection: Connection): Held[] {
  if (outline(connection, within) === undefined) return []
  return allSets
    .filter(({ isInterval }) => !isInterval)
    .flatMap(set => readElements(connection, set).elements.map(element => ({ set, element })))
}

/** UDP knows no end: what the kernel remembers of a client's packets would go where it went before. */
function flushFlows(connection: Connection, elements: readonly Held[]): void {
  const destinations = elements
    .filter(({ element: { key, value } }) => value !== undefined && key.at(-2) === 'udp')
    .map(({ element: { key } }): FlowDestination => {
      const [address] = key.length > 2 ? key : []
      const port = Number(key.at(-1))
      return { protocol: IPPROTO_UDP, port, ...(address !== undefined && { address: parseAddress(String(address)) }) }
    })
  const each = new Map(destinations.map(item => [`${item.port} ${item.address?.value ?? ''}`, item]))
  for (const destination of each.values()) deleteFlows(connection, destination)
}

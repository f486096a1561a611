// The node's table as a whole: what makes it, with all pods, and whether it still is.
import { outermost } from '../ip/outermost.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { Connection } from '../netlink/connection.ts'
import type { Change } from '../nftables/change.ts'
import { generation } from '../nftables/generation.ts'
import { outline } from '../nftables/outline.ts'
import { hasCode, Problem } from '../problem.ts'
import type { OtherPods } from './claim.ts'
import { exceptionChanges } from './exceptions.ts'
import { nodeTable, OBJECT_COUNT, RULE_COUNT, TABLE_VERSION, versionOf, within } from './node-table.ts'
import { type PortElement, portElements } from './port-elements.ts'

/** All of it, with more exceptions than the pods themselves ask for. */
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

/** Of two that want the same, the first has it. */
const distinct = (all: readonly PortElement[]): PortElement[] => [
  ...new Map(all.toReversed().map(item => [`${item.set.name} ${item.element.key}`, item])).values(),
]

/** As far as counting tells: whoever changed a rule into another is found by CHECK. A newer plugin's table is left to it. */
export const isWhole = (connection: Connection): boolean => ['whole', 'newer'].includes(tableState(connection))

export function tableState(connection: Connection): 'missing' | 'damaged' | 'older' | 'whole' | 'newer' {
  const found = readable(() => outline(connection, within))
  if (found === undefined) return 'missing'
  const version = versionOf(found.comment)
  if (version > TABLE_VERSION) return 'newer'
  if (version > 0 && version < TABLE_VERSION) return 'older'
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

/** Where the kernel has none, it has nothing of ours. */
export function hasNftables(connection: Connection): boolean {
  try {
    generation(connection)
    return true
  } catch (error) {
    if (hasCode(error, 'EINVAL', 'ENOTSUP')) return false
    throw error
  }
}

// What pods should have in the node's table and somebody took out of it, while the rules stayed.
import type { Change } from '../nftables/change.ts'
import type { Ruleset } from '../nftables/ruleset.ts'
import { type PodOnNode, portElements } from './port-elements.ts'

/** The oldest pod first: of two that want the same, it has it. Whoever has a port already keeps it. */
export function missingElements({ elements: found }: Pick<Ruleset, 'elements'>, pods: readonly PodOnNode[]): Change[] {
  const taken = new Set(found.flatMap(({ set, elements }) => elements.map(({ key }) => `${set.name} ${key}`)))
  return pods.flatMap(portElements).flatMap(({ set, element }): Change[] => {
    const text = `${set.name} ${element.key}`
    if (taken.has(text)) return []
    taken.add(text)
    return [['add', { kind: 'elements', set, elements: [element] }]]
  })
}

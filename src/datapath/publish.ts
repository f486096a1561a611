// Puts a pod's host ports into the node's table, and takes them out; makes the table where it is not, or not whole.
import { deleteFlows } from '../conntrack/delete-flows.ts'
import type { Connection } from '../netlink/connection.ts'
import type { Change } from '../nftables/change.ts'
import { decideAndCommit } from '../nftables/decide-and-commit.ts'
import { outline } from '../nftables/outline.ts'
import { readElements } from '../nftables/read-elements.ts'
import { hasCode } from '../problem.ts'
import { claim, type Held, type OtherPods } from './claim.ts'
import { ElementsThere } from './elements-there.ts'
import { newExceptions } from './exceptions.ts'
import { allSets, within } from './node-table.ts'
import { type PodOnNode, type PortElement, portElements } from './port-elements.ts'
import { flowsThrough, flowsTo, forgetUntranslated } from './stale-flows.ts'
import { hasNftables, isWhole, wholeTable } from './whole-table.ts'

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
  let takenOver: readonly Held[] = []
  decideAndCommit(connection, () => {
    const changes = claims(connection, elements, pod.hostInterface, others)
    takenOver = changes.flatMap(destroyed)
    return [...newExceptions(connection, except), ...changes]
  })
  deleteFlows(connection, [...flowsTo(elements), ...flowsThrough(takenOver)])
}

function claims(connection: Connection, elements: readonly PortElement[], owner: string, others: OtherPods): Change[] {
  const there = new ElementsThere(connection, elements.length)
  return elements.flatMap(element => claim(there, element, owner, others))
}

const destroyed = ([verb, object]: Change): Held[] =>
  verb === 'destroy' && object.kind === 'elements' ? object.elements.map(element => ({ set: object.set, element })) : []

/** Takes out what bears the pod's name. Where no record says what that is, everything is looked through. */
export function withdraw(connection: Connection, hostInterface: string, pod: PodOnNode | undefined): void {
  if (!hasNftables(connection)) return
  let forgotten: readonly Held[] = []
  decideAndCommit(connection, () => {
    const there = pod ? heldOf(connection, pod) : everyHeld(connection)
    const isMine = ({ element }: Held): boolean => element.comment === hostInterface
    const gone = there.filter(isMine)
    // Also what is not there: somebody flushed it, or an earlier DEL was killed before it came to the flows.
    forgotten = pod ? portElements(pod) : gone
    return gone.map(({ set, element }) => ['destroy', { kind: 'elements', set, elements: [element] }])
  })
  deleteFlows(connection, flowsThrough(forgotten))
}

/** The host ends that anything in the table is named for. */
export const publishedInterfaces = (connection: Connection): string[] =>
  hasNftables(connection)
    ? [...new Set(everyHeld(connection).flatMap(({ element: { comment } }) => comment ?? []))]
    : []

/** Makes the whole table anew, with all pods that are there. */
export function restore(connection: Connection, others: OtherPods): void {
  let pods: readonly PodOnNode[] = []
  decideAndCommit(connection, () => {
    pods = others.all()
    return wholeTable({ ...others, all: () => pods })
  })
  // A DEL that looked between the two found nothing to take out.
  const there = new Set(others.all().map(({ hostInterface }) => hostInterface))
  for (const pod of pods) {
    if (pod.rules.ports.length > 0 && !there.has(pod.hostInterface)) withdraw(connection, pod.hostInterface, pod)
  }
  forgetUntranslated(connection, pods)
}

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
    .filter(({ isInterval, isDynamic }) => !isInterval && !isDynamic)
    .flatMap(set => readElements(connection, set).elements.map(element => ({ set, element })))
}

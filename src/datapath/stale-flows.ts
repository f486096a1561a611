// What the kernel may remember of flows, and must forget: UDP knows no end, and what is remembered goes before the node's table.
import { deleteFlows } from '../conntrack/delete-flows.ts'
import { deleteUnanswered } from '../conntrack/delete-unanswered.ts'
import type { FlowChoice } from '../conntrack/flow-choice.ts'
import { parseAddress } from '../ip/address.ts'
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import type { Held } from './claim.ts'
import { type PodOnNode, portElements } from './port-elements.ts'

const IPPROTO_UDP = 17

/** Those from before the pod had these ports. What others translate, services and masquerade, stays. */
export const flowsTo = (elements: readonly Held[]): FlowChoice[] =>
  udpPorts(elements).map(({ target: _, ...rest }) => rest)

/** Those that go to the pod by these ports. */
export const flowsThrough = (elements: readonly Held[]): FlowChoice[] => udpPorts(elements)

/** What was sent while the table was not there: neither to a pod by its host port, nor from the node's address, for as long as who sends goes on. */
export function forgetUntranslated(connection: Connection, pods: readonly PodOnNode[]): void {
  const masqueraded = pods.filter(({ rules }) => rules.masqueradeExcept !== undefined)
  try {
    deleteFlows(connection, flowsTo(pods.flatMap(portElements)))
    deleteUnanswered(
      connection,
      masqueraded.flatMap(({ addresses }) => addresses),
    )
  } catch (error) {
    // Who publishes a port hears of it; the table is whole all the same.
    if (!hasCode(error, 'CONNTRACK_MISSING')) throw error
  }
}

const udpPorts = (elements: readonly Held[]): FlowChoice[] =>
  elements.flatMap(({ element: { key, value } }) => {
    if (!Array.isArray(value) || key.at(-2) !== 'udp') return []
    const [podAddress, containerPort] = value
    const [hostAddress] = key.length > 2 ? key : []
    const address = parseAddress(String(podAddress))
    return {
      family: address.family,
      protocol: IPPROTO_UDP,
      port: Number(key.at(-1)),
      ...(hostAddress !== undefined && { address: parseAddress(String(hostAddress)) }),
      target: { address, port: Number(containerPort) },
    }
  })

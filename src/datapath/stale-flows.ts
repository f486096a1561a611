// What the kernel may remember of UDP to a pod's host ports, and must forget: UDP knows no end, and what is remembered goes before the node's table.
import type { FlowChoice } from '../conntrack/flow-choice.ts'
import { parseAddress } from '../ip/address.ts'
import type { Held } from './claim.ts'

const IPPROTO_UDP = 17

/** Those from before the pod had these ports. What others translate, services and masquerade, stays. */
export const flowsTo = (elements: readonly Held[]): FlowChoice[] =>
  udpPorts(elements).map(({ target: _, ...rest }) => rest)

/** Those that go to the pod by these ports. */
export const flowsThrough = (elements: readonly Held[]): FlowChoice[] => udpPorts(elements)

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

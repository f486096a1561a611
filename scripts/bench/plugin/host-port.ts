// Pods with a port of the node: the one that is measured, by either side, and the others on its node.
import { join } from 'node:path'
import { callOf, type Network, ours, ptp } from '../networks.ts'
import type { Node } from '../node.ts'
import { portmapRules } from './portmap-rules.ts'

export interface Mapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: 'tcp' | 'udp'
}

export const containerPort = 80
export const mapping: Mapping = { hostPort: 8080, containerPort, protocol: 'tcp' }
export const firstOtherPort = 10_000

export const oursWith = (folder: string, ports: readonly Mapping[], name: string): Network =>
  withPorts(ours(folder, 'IPv4', name), ports)

/** Chained after ptp, whose result it gets. */
export const portmap = (folder: string, ports: readonly Mapping[], prevResult: unknown, backend: string): Network =>
  withPorts({ folder, config: { cniVersion: '1.0.0', name: 'portmap', type: 'portmap', backend, prevResult } }, ports)

const withPorts = ({ folder, config }: Network, portMappings: readonly Mapping[]): Network => ({
  folder,
  config: { ...config, capabilities: { portMappings: true }, runtimeConfig: { portMappings } },
})

/** A call on that node for its pod: what it prints. */
export function call(node: Node, network: Network, command: string): unknown {
  const { program, env, stdin } = callOf(network, command, 'one')
  const text = node.run([program], JSON.stringify(stdin), env)
  return text === '' ? undefined : JSON.parse(text)
}

/** Makes that many other pods on the node: each with a port of it, with one of its address alone, or with none. */
export function addOthers(node: Node, count: number, what: 'port' | 'port-at' | 'none'): void {
  node.run([process.execPath, join(import.meta.dirname, 'populate.ts'), String(count), what])
}

export function oursAmong(folder: string, others: number): (node: Node) => void {
  return node => {
    call(node, oursWith(folder, [mapping, { ...mapping, protocol: 'udp' }], 'ours'), 'ADD')
    addOthers(node, others, 'port')
  }
}

export function portmapAmong(folder: string, others: number): (node: Node) => void {
  return node => {
    const result = call(node, ptp(folder, 'IPv4'), 'ADD')
    call(node, portmap(folder, [mapping], result, 'iptables'), 'ADD')
    addOthers(node, others, 'none')
    const saved = node.run(['iptables-save', '-t', 'nat'])
    node.run(['iptables-restore'], portmapRules(saved, mapping.hostPort, firstOtherPort, others))
  }
}

/** All ports are one pod's: so its nftables takes one call. The one that is measured is in the middle. */
export function nftablesPortmapAmong(folder: string, others: number): (node: Node) => void {
  return node => {
    const result = call(node, ptp(folder, 'IPv4'), 'ADD')
    const all = Array.from({ length: others }, (_, index) => ({ ...mapping, hostPort: firstOtherPort + index }))
    call(node, portmap(folder, all.toSpliced(Math.ceil(others / 2), 0, mapping), result, 'nftables'), 'ADD')
    addOthers(node, others, 'none')
  }
}

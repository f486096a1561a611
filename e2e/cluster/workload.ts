// Pods for tests of the network: each runs upstream's agnhost, which serves, dials others and says whom it saw.
import { join } from 'node:path'
import type { Place } from '../host.ts'
import { tool } from '../tools.ts'
import { bracketed } from './address-plan.ts'
import type { Cluster } from './cluster.ts'

export const agnhost = 'docker.io/podwire/agnhost:1'

export interface PodOptions {
  readonly name: string
  readonly node: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Of its server. */
  readonly hostPort?: number
  /** What its container has otherwise. */
  readonly container?: object
}

export const podObject = ({ name, node, annotations = {}, hostPort, container }: PodOptions) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name }, annotations },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'agnhost',
        image: agnhost,
        args: ['netexec', '--http-port=8080', '--udp-port=8081'],
        ports: [{ containerPort: 8080, ...(hostPort !== undefined && { hostPort }) }],
        readinessProbe: { httpGet: { path: '/hostname', port: 8080 }, periodSeconds: 1 },
        ...container,
      },
    ],
  },
})

export async function loadAgnhost(cluster: Cluster): Promise<void> {
  await Promise.all(cluster.nodes.map(node => node.load(join(tool('cluster-images'), 'agnhost.tar'))))
}

/** Applies objects, and waits until the pods among them are ready. */
export async function run(cluster: Cluster, objects: readonly object[], seconds = 60): Promise<void> {
  await apply(cluster, objects)
  await cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '--all', `--timeout=${seconds}s`])
}

export async function apply(cluster: Cluster, objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  await cluster.kubectl(['apply', '-f', '-'], { input: list })
}

export async function podAddresses(cluster: Cluster, name: string): Promise<string[]> {
  const said = await cluster.kubectl(['get', 'pod', name, '-o', 'jsonpath={.status.podIPs[*].ip}'])
  return said.split(' ').filter(Boolean)
}

interface Target {
  readonly address: string
  readonly port?: number
  readonly protocol?: 'http' | 'udp'
}

/** What is asked of a server at an address, from a place that has curl: its `hostname`, or the `clientip` that it saw. Nothing after two seconds. */
export function ask(from: Place, { address, port = 8080 }: Target, question: string): string {
  const url = `http://${bracketed(address)}:${port}/${question}`
  return from.attempt('curl', ['--silent', '--max-time', '2', '--globoff', url]).stdout
}

/** The same, asked by a pod: its node tells it to. */
export function askFromPod(node: Place, pod: string, target: Target, question: string): string {
  const { address, port = 8080, protocol = 'http' } = target
  const query = new URLSearchParams({ request: question, protocol, host: address, port: `${port}`, tries: '1' })
  const answer = ask(node, { address: pod }, `dial?${query}`)
  try {
    const { responses = [], errors = [] } = JSON.parse(answer) as { responses?: string[]; errors?: string[] }
    return responses[0] ?? `nothing: ${errors.join()}`
  } catch {
    return `nothing: ${answer}`
  }
}

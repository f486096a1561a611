// What the agent has of a Kubernetes cluster: its nodes, this one before the others, and events for people to see.
import type { AgentLog } from '../agent/agent-log.ts'
import type { ClusterNode } from '../cluster/node.ts'
import type { NodeSource } from '../cluster/node-source.ts'
import { ApiEvents } from '../kubernetes/api-events.ts'
import { kubernetesNodes } from '../kubernetes/kubernetes-nodes.ts'
import { NetworkCondition } from '../kubernetes/network-condition.ts'
import type { Problem } from '../problem.ts'
import type { AgentEnvironment, AgentFlags } from './agent-options.ts'
import { openApiAccess } from './open-api-access.ts'

export interface Cluster {
  readonly source: NodeSource
  /** Tells people of what went wrong. */
  tell(problem: Problem): void
  /** Tells them of what was done; `reason` is one word. */
  note(reason: string, text: string): void
  /** Pods have a network here: clouds keep pods away until somebody says so. To be called as often as that is found. */
  available(): void
  /** This node alone, as soon as it is known. */
  followOwn(onNode: (node: ClusterNode) => void): Disposable
}

export async function kubernetesCluster(
  { node, kubeconfig }: Pick<AgentFlags, 'node' | 'kubeconfig'>,
  environment: AgentEnvironment,
  log: AgentLog,
): Promise<Cluster> {
  const access = await openApiAccess(environment, kubeconfig)
  const events = new ApiEvents(access, node, ({ code, message }) =>
    log.warn({ code }, `no Event tells of it: ${message}`),
  )
  const condition = new NetworkCondition(access, node, {
    onTrouble: ({ code, message }) =>
      log.info({ code }, `the node's condition NetworkUnavailable stays as it is: ${message}`),
    onSaid: () => log.info({}, "the node's condition NetworkUnavailable is False now"),
  })
  return {
    source: kubernetesNodes(access),
    available: () => void condition.keep(),
    tell: ({ code, message, details }) =>
      events.send({ type: 'Warning', reason: reasonOf(code), note: `${message}. ${details}` }),
    note: (reason, note) => events.send({ type: 'Normal', reason, note }),
    followOwn(onNode) {
      // What is wrong with the API is said by the source of all nodes.
      const onNodes = ([own]: readonly ClusterNode[]) => own !== undefined && onNode(own)
      return kubernetesNodes(access, { only: node }).start({ onNodes, onTrouble: () => {} })
    },
  }
}

/** CIDR_REFUSED is CidrRefused to Kubernetes. */
const reasonOf = (code: string): string =>
  code
    .split('_')
    .map(word => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join('')

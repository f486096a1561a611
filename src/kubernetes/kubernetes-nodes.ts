// Nodes from the Kubernetes API: listed, then watched, for as long as somebody listens.
import type { NodeListener, NodeSource } from '../cluster/node-source.ts'
import type { ApiAccess } from './api-access.ts'
import { backoffMs } from './backoff.ts'
import { Follower, type FollowerOptions } from './follower.ts'

/** `only` names one node, in place of all: for what must not wait for the others. */
export const kubernetesNodes = (access: ApiAccess, options: Partial<FollowerOptions> = {}): NodeSource => ({
  start(listener: NodeListener): Disposable {
    const stop = new AbortController()
    const follower = new Follower(access, { ...defaults, ...options }, listener, stop.signal)
    // A rejection is a bug, ours or the listener's, and should end the program.
    void Promise.resolve().then(() => follower.run())
    return { [Symbol.dispose]: () => stop.abort() }
  },
})

const defaults: FollowerOptions = { silenceMs: 120_000, steadyMs: 1000, pageSize: 500, pauseMs: backoffMs }

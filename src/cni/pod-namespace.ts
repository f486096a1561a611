// The namespace that a request names: one that is there, and not the node's own.
import { Namespace } from '../netns/namespace.ts'
import { Problem } from '../problem.ts'
import type { Request } from './request.ts'

export function podNamespace({ netns, netnsOverride }: Request): Namespace {
  const namespace = openNamed(netns)
  using own = Namespace.current()
  if (netnsOverride || !namespace.isSame(own)) return namespace
  namespace[Symbol.dispose]()
  const message = `CNI_NETNS ${netns} is the node's own network namespace: name the pod's, or set CNI_NETNS_OVERRIDE=1 if you mean it`
  throw new Problem('ENVIRONMENT_INVALID', message)
}

function openNamed(netns: string): Namespace {
  try {
    return Namespace.open(netns)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(error.code, `CNI_NETNS: ${error.message}`, error.details, error)
  }
}

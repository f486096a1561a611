// What a config asks of the node for one pod, besides its pair.
import type { PodRules } from '../datapath/pod-rules.ts'
import type { Config } from './config.ts'
import { masqueradeExcept } from './masquerade.ts'
import { hostPorts } from './port-mappings.ts'

/** `subnets` are those of the pod's addresses, where they are known: a delegate's are in no config. */
export function podRules(config: Config, subnets: readonly string[] = []): PodRules {
  const except = masqueradeExcept(config, subnets)
  return {
    isAntiSpoofed: config.antiSpoof ?? true,
    ...(except && { masqueradeExcept: except }),
    ports: hostPorts(config),
  }
}

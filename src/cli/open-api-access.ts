// The way to the API server: by a kubeconfig file where one is given, else as a pod has it.
import type { ApiAccess } from '../kubernetes/api-access.ts'
import { inCluster } from '../kubernetes/in-cluster.ts'
import { Problem } from '../problem.ts'

type Environment = Readonly<Record<string, string | undefined>>

export async function openApiAccess(environment: Environment, kubeconfigFile?: string): Promise<ApiAccess> {
  if (kubeconfigFile === undefined) return inCluster(environment)
  const { kubeconfig } = await import('./kubeconfig.ts')
  try {
    return kubeconfig(kubeconfigFile)
  } catch (error) {
    // In the executable another bundle's Problem is another class.
    throw new Problem('CONFIG_INVALID', error instanceof Error ? error.message : String(error), '', error)
  }
}

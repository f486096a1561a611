// By a kubeconfig file where one is given, else as a pod does.
import type { ApiAccess } from './api-access.ts'
import { inCluster } from './in-cluster.ts'

export async function openApiAccess(
  environment: Readonly<Record<string, string | undefined>>,
  kubeconfigFile?: string,
): Promise<ApiAccess> {
  if (kubeconfigFile === undefined) return inCluster(environment)
  const { kubeconfig } = await import('./kubeconfig.ts')
  return kubeconfig(kubeconfigFile)
}

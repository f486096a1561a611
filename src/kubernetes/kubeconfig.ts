// The way to the API server by a kubeconfig file: the library knows all its kinds of credentials and proxies.
// Imported only where such a file is given: it is 2.5 MB of code, and a pod needs none of it.
import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { ApiAccess } from './api-access.ts'

export function kubeconfig(file: string): ApiAccess {
  const { config, cluster } = load(file)
  const credentials = async () => {
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    // The library's agent keeps the certificates that it began with; only a proxy needs one.
    if (cluster.proxyUrl === undefined) delete options.agent
    return options
  }
  return { server: new URL(cluster.server), credentials }
}

function load(file: string) {
  const config = new KubeConfig()
  try {
    config.loadFromFile(file)
    const cluster = config.getCurrentCluster()
    if (!URL.canParse(cluster?.server ?? '')) throw new Error('its current context names no cluster with a server')
    return { config, cluster: cluster as NonNullable<typeof cluster> }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`kubeconfig ${file}: ${reason}`, { cause: error })
  }
}

// The way to the API server that every pod is given: an address in the environment, a token and a certificate in files.
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { Problem } from '../problem.ts'
import type { ApiAccess } from './api-access.ts'

type Environment = Readonly<Record<string, string | undefined>>

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** `PODWIRE_API_SERVER` comes first: the service's address works only once kube-proxy does. */
export function inCluster(environment: Environment, directory = serviceAccount): ApiAccess {
  const server = serverOf(environment)
  // Read each time, as kubelet renews both.
  const credentials = async () => ({
    ca: read(`${directory}/ca.crt`),
    headers: { authorization: `Bearer ${read(`${directory}/token`).trim()}` },
  })
  return { server, credentials }
}

function serverOf(environment: Environment): URL {
  const {
    PODWIRE_API_SERVER: given,
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: port = '443',
  } = environment
  if (given) return parseServer('PODWIRE_API_SERVER', given)
  if (!host) {
    throw new Problem(
      'CONFIG_INVALID',
      'nobody says where the API server is: run in a pod, set PODWIRE_API_SERVER to https://HOST:PORT, give a kubeconfig file, or a nodes file where there is no Kubernetes',
    )
  }
  return parseServer('KUBERNETES_SERVICE_HOST', `${isIPv6(host) ? `[${host}]` : host}:${port}`)
}

/** Never http: the token would go over the wire for everyone to read. */
function parseServer(variable: string, text: string): URL {
  const address = text.includes('://') ? text : `https://${text}`
  const server = URL.canParse(address) ? new URL(address) : undefined
  if (server?.protocol === 'https:' && server.hostname !== '') return server
  throw new Problem('CONFIG_INVALID', `${variable} is ${text}: should be an address like https://192.0.2.1:6443`)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const message = `cannot read ${file}: the pod needs a service account and its token (automountServiceAccountToken)`
    throw new Problem('API_UNREACHABLE', message, '', error)
  }
}

// What went wrong with the API server, said so that a person knows where to look.
import { Problem } from '../problem.ts'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is it up?',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  EHOSTUNREACH: 'no route leads there',
  ENETUNREACH: 'no route leads there',
  ETIMEDOUT: 'it does not answer: is the address right, does a firewall stand between?',
  ENOTFOUND: 'its name is unknown: give an address instead (PODWIRE_API_SERVER)',
  EAI_AGAIN: 'its name cannot be looked up now: give an address instead (PODWIRE_API_SERVER)',
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it (kubeadm certs renew apiserver), or set the clock right',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: set the clock right',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for other addresses: reach it by one of those',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not by the authority that we were given (ca.crt)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not by the authority that we were given (ca.crt)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not by the authority that we were given (ca.crt)',
  CERT_SIGNATURE_FAILURE: 'its certificate is not by the authority that we were given (ca.crt)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not by the authority that we were given (ca.crt)',
}

/** No answer, or one that broke off. */
export function unreachable(server: URL, error: unknown): Problem {
  if (error instanceof Problem) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error))
  return new Problem('API_UNREACHABLE', `the API server at ${server.host} cannot be used: ${reason}`, code, error)
}

/** An answer that is a no. */
export function refused(server: URL, what: string, status: number, body: string): Problem {
  const said = statusMessage(body)
  const message = `the API server at ${server.host} refused ${what} with ${status}${said && `: ${said}`}${wayOut(status)}`
  return new Problem(status === 410 ? 'API_EXPIRED' : status === 404 ? 'API_NOT_FOUND' : 'API_REFUSED', message, body)
}

/** An answer that is no answer. */
export const senseless = (server: URL, what: string, reason: string, cause?: unknown): Problem =>
  new Problem(
    'API_REFUSED',
    `the API server at ${server.host} answers ${what} with what makes no sense: ${reason}`,
    '',
    cause,
  )

function wayOut(status: number): string {
  if (status === 401) return '. The token is not valid there: the service account, or the whole cluster, is another one'
  if (status === 403) return '. Its ClusterRole should allow that: apply the manifest again'
  return ''
}

/** A Status object's message; of other bodies, as of a proxy's HTML, nothing. */
function statusMessage(body: string): string {
  try {
    const { message } = JSON.parse(body)
    return typeof message === 'string' ? message.slice(0, 300) : ''
  } catch {
    return ''
  }
}

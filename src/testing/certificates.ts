// Throw-away certificates, made by openssl: an authority, and servers that it vouches for.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

export interface ServerCertificate {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly ca: string
  /** For 127.0.0.1; valid for so many days, none of them left where that is negative. */
  serve(days?: number): ServerCertificate
}

/** `directory` is the test's own. */
export function authority(directory: string): Authority {
  const file = (name: string) => `${directory}/${name}`
  const read = (name: string) => readFileSync(file(name), 'utf8')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-subj', '/CN=test authority', '-keyout', file('ca.key'), '-out', file('ca.crt'))
  writeFileSync(file('extensions'), 'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost\n')
  const serve = (days = 1) => {
    openssl('req', ...newKey, '-subj', '/CN=server', '-keyout', file('server.key'), '-out', file('server.csr'))
    const signed = [
      '-CA',
      file('ca.crt'),
      '-CAkey',
      file('ca.key'),
      '-extfile',
      file('extensions'),
      '-days',
      String(days),
    ]
    openssl('x509', '-req', '-in', file('server.csr'), ...signed, '-out', file('server.crt'))
    return { cert: read('server.crt'), key: read('server.key') }
  }
  return { ca: read('ca.crt'), serve }
}

function openssl(...args: readonly string[]): void {
  const { error, status, stderr } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 30_000 })
  if (error) throw error
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
}

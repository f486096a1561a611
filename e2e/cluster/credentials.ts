// Who may call the API server: a certificate authority, a token for each party, and their kubeconfigs.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Nodes that a cluster may ever have: the API server reads its tokens once. */
const nodes = 20

const curve = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650'

export async function makeCredentials(folder: string, apiServer: string, names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: folder })
  const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name)
  const subjects = names.map(name => `${isAddress(name) ? 'IP' : 'DNS'}:${name}`).join(',')
  writeFileSync(join(folder, 'extensions'), `subjectAltName=${subjects}\n`)
  await Promise.all([
    openssl(`req -x509 ${curve} -subj /CN=podwire-e2e -keyout ca.key -out ca.crt`),
    openssl(`req ${curve} -subj /CN=kube-apiserver -keyout api.key -out api.csr`),
    openssl('ecparam -genkey -name prime256v1 -noout -out accounts.key'),
  ])
  await Promise.all([
    openssl(
      'x509 -req -in api.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile extensions -out api.crt',
    ),
    openssl('ec -in accounts.key -pubout -out accounts.pub'),
  ])
  const nodeNames = Array.from({ length: nodes }, (_, index) => `node${index + 1}`)
  const rows = [
    'token-admin,admin,admin,system:masters',
    'token-proxy,system:kube-proxy,proxy,system:node-proxier',
    ...nodeNames.map(name => `token-${name},system:node:${name},${name},system:nodes`),
  ]
  writeFileSync(join(folder, 'tokens.csv'), `${rows.join('\n')}\n`)
  for (const party of ['admin', 'proxy', ...nodeNames])
    writeFileSync(join(folder, `${party}.conf`), JSON.stringify(kubeconfig(folder, apiServer, `token-${party}`)))
}

const kubeconfig = (folder: string, server: string, token: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'local', cluster: { server, 'certificate-authority': join(folder, 'ca.crt') } }],
  users: [{ name: 'me', user: { token } }],
  contexts: [{ name: 'local', context: { cluster: 'local', user: 'me' } }],
  'current-context': 'local',
})

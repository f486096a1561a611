// Where the benchmarked agent has its nodes from: a fake API server over TLS, asked as a pod asks, or a nodes file.
import { channel } from 'node:diagnostics_channel'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { authority } from '../../src/testing/certificates.ts'
import { FakeApi } from '../../src/testing/fake-api.ts'
import { CLUSTER_CIDR, NODES, type NodeEntry, nodeEntry, nodeObject } from './agent-cluster.ts'

export interface Source extends AsyncDisposable {
  /** What the agent is told. */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** When this node's own object, or all nodes, had been answered: before they were read. */
  readonly ownAt: number | undefined
  readonly listAt: number | undefined
  /** Everything from now on; before, a nodes file has this node alone. */
  tellAll(): void
  put(entry: NodeEntry): void
  delete(name: string): void
  /** One kubelet's report of its status, where there are kubelets. */
  report(): void
}

export const sources = { 'the API': apiSource, 'a nodes file': fileSource }
export type SourceName = keyof typeof sources

const serviceAccount = '/run/secrets/kubernetes.io/serviceaccount'

async function apiSource(): Promise<Source> {
  mkdirSync(serviceAccount, { recursive: true })
  const { ca, serve } = authority('/run')
  writeFileSync(`${serviceAccount}/ca.crt`, ca)
  writeFileSync(`${serviceAccount}/token`, 'token')
  const api = new FakeApi({ tls: serve(), token: 'token' })
  const entries = Array.from({ length: NODES }, (_, number) => nodeEntry(number))
  for (const entry of entries) api.nodes.put(nodeObject(entry))
  await api.open()
  let [ownAt, listAt]: (number | undefined)[] = []
  const onFinish = (message: unknown) => {
    const { url = '' } = (message as { readonly request: IncomingMessage }).request
    if (url.includes('watch=')) return
    if (url.includes('fieldSelector=')) ownAt ??= performance.now()
    else listAt = performance.now()
  }
  channel('http.server.response.finish').subscribe(onFinish)
  let next = 0
  return {
    words: ['--cluster-cidr', CLUSTER_CIDR],
    env: { PODWIRE_API_SERVER: api.address },
    get ownAt() {
      return ownAt
    },
    get listAt() {
      return listAt
    },
    tellAll: () => {},
    put: entry => api.nodes.put(nodeObject(entry)),
    delete: name => api.nodes.delete(name),
    report: () => api.nodes.put(nodeObject(entries[next++ % NODES] as NodeEntry)),
    [Symbol.asyncDispose]: () => api.close(),
  }
}

const FILE = '/run/nodes.json'

async function fileSource(): Promise<Source> {
  const nodes = new Map([[0, nodeEntry(0)]].map(([, entry]) => [(entry as NodeEntry).name, entry as NodeEntry]))
  let listAt: number | undefined
  const write = () => {
    writeFileSync(`${FILE}.new`, JSON.stringify([...nodes.values()]))
    listAt = performance.now()
    renameSync(`${FILE}.new`, FILE)
  }
  write()
  return {
    words: ['--nodes', FILE],
    env: {},
    ownAt: undefined,
    get listAt() {
      return listAt
    },
    tellAll() {
      for (let number = 1; number < NODES; number++) nodes.set(`node${number}`, nodeEntry(number))
      write()
    },
    put(entry) {
      nodes.set(entry.name, entry)
      write()
    },
    delete(name) {
      nodes.delete(name)
      write()
    },
    report: () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

// Where the benchmarked agent has its nodes from: a fake API server over TLS, asked as a pod asks, or a nodes file.
import { channel } from 'node:diagnostics_channel'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { authority } from '../../../src/testing/certificates.ts'
import { FakeApi } from '../../../src/testing/fake-api.ts'
import { CLUSTER_CIDR, NODES, type NodeEntry, nodeEntry, nodeObject, OWN_NAME } from './cluster.ts'

export interface Source extends AsyncDisposable {
  /** What the agent is told. */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** When this node's own object, or all nodes, had been answered: before they were read. */
  readonly ownAt: number | undefined
  readonly listAt: number | undefined
  /** Everything from now on; before, a nodes file has this node alone. */
  tellAll(): void
  /** When it was told; what came before is the benchmark's own work. */
  put(entry: NodeEntry): number
  delete(name: string): number
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
    if (!url.includes('limit=')) return
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
    put(entry) {
      const object = nodeObject(entry)
      const told = performance.now()
      api.nodes.put(object)
      return told
    },
    delete(name) {
      const told = performance.now()
      api.nodes.delete(name)
      return told
    },
    report: () => api.nodes.put(nodeObject(entries[next++ % NODES] as NodeEntry)),
    [Symbol.asyncDispose]: () => api.close(),
  }
}

const FILE = '/run/nodes.json'

async function fileSource(): Promise<Source> {
  const nodes = new Map([[OWN_NAME, nodeEntry(0)]])
  let listAt: number | undefined
  const write = (): number => {
    writeFileSync(`${FILE}.new`, JSON.stringify([...nodes.values()]))
    const told = performance.now()
    renameSync(`${FILE}.new`, FILE)
    return told
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
      listAt = write()
    },
    put(entry) {
      nodes.set(entry.name, entry)
      return write()
    },
    delete(name) {
      nodes.delete(name)
      return write()
    },
    report: () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

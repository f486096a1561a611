// The upstream Kubernetes tests, unchanged, run on a cluster from its first node.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from '../tools.ts'
import type { LocalCluster } from './local-cluster.ts'
import { outcome } from './outcome.ts'

export interface Spec {
  readonly name: string
  /** Ginkgo's word: passed, failed, timedout, panicked. */
  readonly state: string
  readonly message: string
  readonly seconds: number
}

interface Report {
  readonly SpecReports: readonly {
    readonly ContainerHierarchyTexts: readonly string[] | null
    readonly LeafNodeType: string
    readonly LeafNodeText: string
    readonly State: string
    readonly RunTime: number
    readonly Failure?: { readonly Message: string }
  }[]
}

export async function loadUpstreamImages(cluster: LocalCluster): Promise<void> {
  const archives = ['pause.tar', 'agnhost.tar'].map(name => join(tool('upstream-tests'), name))
  await Promise.all(
    cluster.nodes.map(async node => {
      for (const archive of archives) await node.load(archive)
    }),
  )
}

/** Those that a focus (a regular expression of Go) names and `skip` does not. Those that were not run are not told of. */
export async function runUpstream(cluster: LocalCluster, focus: string, skip?: string): Promise<Spec[]> {
  const report = join(cluster.logs, 'upstream.json')
  const args = [
    ...['--kubeconfig', cluster.adminConfig, '--provider', 'skeleton', '--ginkgo.no-color', '--ginkgo.timeout=50m'],
    ...['--ginkgo.json-report', report, '--ginkgo.focus', focus, ...(skip ? ['--ginkgo.skip', skip] : [])],
  ]
  const [first] = cluster.nodes
  if (!first) throw new Error('no node')
  const { stdout, stderr } = await outcome(...first.machine.enter(join(tool('upstream-tests'), 'e2e.test'), ...args))
  writeFileSync(join(cluster.logs, 'upstream.log'), stdout + stderr)
  const [{ SpecReports }] = JSON.parse(readFileSync(report, 'utf8')) as [Report]
  return SpecReports.filter(({ State }) => State !== 'skipped' && State !== 'pending').map(spec => ({
    name: [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(' ') || spec.LeafNodeType,
    state: spec.State,
    message: spec.Failure?.Message ?? '',
    seconds: Math.round(spec.RunTime / 1e9),
  }))
}

// podwire on a cluster, as users put it there: its image on every node, and the manifest.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dist } from '../tools.ts'
import type { Cluster, Node } from './cluster.ts'

const root = join(import.meta.dirname, '..', '..')
export const manifest = join(root, 'cni-conf', 'podwire.yaml')

/** The image that the Dockerfile makes, made without Docker. */
export async function loadPodwire(cluster: Cluster, nodes: readonly Node[] = cluster.nodes): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'podwire-image-'))
  try {
    const archive = join(folder, 'podwire.tar')
    execFileSync(join(root, 'scripts', 'image-root'), [dist, join(folder, 'root')])
    const name = 'docker.io/library/podwire:0.1.0'
    const env = { ...process.env, PATH_INSIDE: '/opt/podwire' }
    execFileSync(
      join(root, 'scripts', 'docker-archive'),
      [archive, join(folder, 'root'), name, '/opt/podwire/podwire'],
      { env },
    )
    await Promise.all(nodes.map(node => node.load(archive)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export async function applyPodwire(cluster: Cluster): Promise<void> {
  await loadPodwire(cluster)
  await cluster.kubectl(['apply', '-f', manifest])
  await cluster.kubectl(['rollout', 'status', 'daemonset/podwire', '--namespace', 'kube-system', '--timeout=60s'])
  await cluster.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s'])
}

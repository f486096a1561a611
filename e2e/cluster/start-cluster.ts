// The cluster that a test gets: the local one, or with PODWIRE_CLUSTER=kind one of kind.
import { dist, lacks } from '../tools.ts'
import type { Cluster, ClusterOptions, Families } from './cluster.ts'
import { KindCluster } from './kind-cluster.ts'
import { LocalCluster } from './local-cluster.ts'

const isKind = process.env['PODWIRE_CLUSTER'] === 'kind'
const ofLocal = ['kubernetes', 'plugins', 'containerd', 'image', 'runc', 'openssl', 'nft', 'iptables', 'curl']

/** In CI there is a job for each. */
const onlyFamilies = process.env['PODWIRE_FAMILIES']

/** As tap's skip takes it. */
export function lacksCluster(families: Families): string | false {
  if (onlyFamilies && onlyFamilies !== families) return `only ${onlyFamilies} is asked for`
  return lacks(...(isKind ? ['docker', 'kind', 'kubectl'] : ofLocal), 'cluster-images', `${dist}/podwire`)
}

export const startCluster = (options: ClusterOptions = {}): Promise<Cluster> =>
  isKind ? KindCluster.start(options) : LocalCluster.start(options)

// What a node runs: the configurations and command lines of containerd, kubelet and kube-proxy. Pure.
import { dnsServices, podSubnets } from './address-plan.ts'
import type { ClusterOptions, Families } from './cluster.ts'

/** Debian's containerd 1.6 reads it as well as 2.x. */
export const containerdConfig = `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/podwire/pod:1"
  restrict_oom_score_adj = true
`

export const containerdArguments = ['--config', '/etc/containerd-e2e.toml']

/** A file of JSON is one of YAML. What fails without CAP_SYS_RESOURCE, as in a container, is left out. */
export const kubeletConfig = (families: Families, controlGroup: string, maxRestartSeconds?: number) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${controlGroup}`,
  enforceNodeAllocatable: [],
  failCgroupV1: false,
  failSwapOn: false,
  oomScoreAdj: 0,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  resolvConf: '/etc/resolv.conf',
  clusterDNS: dnsServices(families),
  clusterDomain: 'cluster.local',
  localStorageCapacityIsolation: false,
  volumePluginDir: '/var/lib/kubelet/volume-plugins',
  nodeStatusUpdateFrequency: '2s',
  // Never evicts for the fill of a disk that is the machine's.
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
  ...(maxRestartSeconds !== undefined && {
    featureGates: { KubeletCrashLoopBackOffMax: true },
    crashLoopBackOff: { maxContainerRestartPeriod: `${maxRestartSeconds}s` },
  }),
})

interface Party {
  readonly name: string
  readonly addresses: readonly string[]
  readonly credentials: string
}

export const kubeletArguments = ({ name, addresses, credentials }: Party): string[] => [
  ...['--config', '/etc/kubelet.json', '--kubeconfig', `${credentials}/${name}.conf`],
  ...['--hostname-override', name, '--node-ip', addresses.join(','), '--root-dir', '/var/lib/kubelet'],
  ...['--cert-dir', '/var/lib/kubelet/pki'],
]

export const proxyArguments = (
  { name, credentials }: Party,
  families: Families,
  mode: ClusterOptions['proxyMode'] = 'nftables',
): string[] => [
  ...['--kubeconfig', `${credentials}/proxy.conf`, '--hostname-override', name, '--proxy-mode', mode],
  ...['--cluster-cidr', podSubnets(families).join(','), '--conntrack-max-per-core', '0', '--oom-score-adj', '0'],
]

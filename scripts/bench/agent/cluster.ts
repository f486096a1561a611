// Five thousand nodes for the agent's benchmark, as the API server tells of them and as a nodes file does: every other one behind a router.
import type { NodeObject } from '../../../src/testing/node-store.ts'

export const NODES = 5000
export const OWN_NAME = 'node0'
export const CLUSTER_CIDR = '10.128.0.0/11,fd00:10:244::/48'

/** What the kernel should hold: two for each other node, and this one's own. */
export const ROUTES = 2 * NODES

/** This node, on the network of half of them. */
export const network = `mount -t tmpfs run /run
ip link set lo up
ip link add eth0 type veth peer name lan
ip link set lan up
ip link set eth0 up
ip address add 10.100.0.1/16 dev eth0
ip address add fd00:100::1/64 dev eth0 nodad
ip route add default via 10.100.255.254
ip -6 route add default via fd00:100::ffff
exec "$@"`

export interface NodeEntry {
  readonly name: string
  readonly addresses: readonly string[]
  readonly podCIDRs: readonly string[]
}

/** `place` is where its addresses are, `range` where its pods'. */
export function nodeEntry(number: number, place = number, range = number): NodeEntry {
  const network = number % 2 === 0 ? 100 : 200
  return {
    name: `node${number}`,
    addresses: [
      `10.${network}.${(place + 1) >> 8}.${(place + 1) & 255}`,
      `fd00:${network}::${(place + 1).toString(16)}`,
    ],
    podCIDRs: [`10.${128 + (range >> 8)}.${range & 255}.0/24`, `fd00:10:244:${range.toString(16)}::/64`],
  }
}

/** A node that has run pods for a while: 10 kB, most of them about images. */
export function nodeObject({ name, addresses, podCIDRs }: NodeEntry, reportedAt = new Date()): NodeObject {
  const now = reportedAt.toISOString()
  return {
    metadata: {
      name,
      uid: crypto.randomUUID(),
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      annotations,
      managedFields: managedFields(now),
    },
    spec: { podCIDR: podCIDRs[0], podCIDRs, providerID: `bench://zone/${name}` },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: conditions.map(condition => ({ ...condition, lastHeartbeatTime: now })),
      addresses: [...addresses.map(address => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo,
      images,
    },
  }
}

const labels = {
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/os': 'linux',
  'node.kubernetes.io/instance-type': 'm5.2xlarge',
  'topology.kubernetes.io/region': 'bench-1',
  'topology.kubernetes.io/zone': 'bench-1a',
}
const annotations = {
  'node.alpha.kubernetes.io/ttl': '300',
  'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
}
const resources = {
  cpu: '8',
  'ephemeral-storage': '81106868Ki',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory: '32461564Ki',
  pods: '110',
}
const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map(type => ({
  type,
  status: type === 'Ready' ? 'True' : 'False',
  lastHeartbeatTime: '',
  lastTransitionTime: '2026-01-01T00:00:40Z',
  reason: type === 'Ready' ? 'KubeletReady' : `KubeletHasNo${type}`,
  message: type === 'Ready' ? 'kubelet is posting ready status' : `kubelet has no ${type}`,
}))
const nodeInfo = {
  machineID: 'ec2d4c4f6a3c4b6c8f0ad1a2b3c4d5e6',
  systemUUID: 'ec2d4c4f-6a3c-4b6c-8f0a-d1a2b3c4d5e6',
  bootID: '5d9d3a2c-3c55-4f0e-9f7f-0a1b2c3d4e5f',
  kernelVersion: '6.12.41+deb13-amd64',
  osImage: 'Debian GNU/Linux 13 (trixie)',
  containerRuntimeVersion: 'containerd://2.1.4',
  kubeletVersion: 'v1.34.4',
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  architecture: 'amd64',
}
// kubelet tells of fifty at most.
const images = Array.from({ length: 30 }, (_, number) => {
  const name = `registry.example.com/team-${number % 7}/service-${number}`
  const digest = number.toString(16).padStart(2, '0').repeat(32)
  return { names: [`${name}@sha256:${digest}`, `${name}:v1.${number}.0`], sizeBytes: 250_000_000 - number * 7_000_000 }
})

function managedFields(time: string) {
  const fields = (names: readonly string[]) => Object.fromEntries(names.map(name => [`f:${name}`, {}]))
  const byType = conditions.map(({ type }) => [
    `k:{"type":"${type}"}`,
    { '.': {}, ...fields(['lastHeartbeatTime', 'lastTransitionTime', 'message', 'reason', 'status', 'type']) },
  ])
  const update = { operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' }
  const cidrs = { 'f:podCIDR': {}, 'f:podCIDRs': { '.': {}, 'v:"10.128.0.0/24"': {} } }
  const named = fields([...Object.keys(labels), ...Object.keys(annotations)])
  const reported = {
    'f:conditions': Object.fromEntries(byType),
    'f:images': {},
    'f:allocatable': fields(Object.keys(resources)),
  }
  return [
    { manager: 'kubelet', ...update, time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:metadata': { 'f:labels': named } } },
    { manager: 'kube-controller-manager', ...update, time: '2026-01-01T00:00:30Z', fieldsV1: { 'f:spec': cidrs } },
    { manager: 'kubelet', ...update, time, fieldsV1: { 'f:status': reported }, subresource: 'status' },
  ]
}

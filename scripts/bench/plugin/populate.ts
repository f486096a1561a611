// populate COUNT port|port-at|none, run on a node: so many other pods, made as ADD makes them, each with a port of the node, of its address alone, or with none.
import { otherPods } from '../../../src/cni/others.ts'
import { KernelDatapath } from '../../../src/datapath/datapath.ts'
import { hostInterfaceName } from '../../../src/datapath/interface-name.ts'
import type { PodRules } from '../../../src/datapath/pod-rules.ts'
import { parseAddress } from '../../../src/ip/address.ts'
import { parsePrefix } from '../../../src/ip/prefix.ts'
import { Namespace } from '../../../src/netns/namespace.ts'
import { Records } from '../../../src/records/records.ts'
import { nodeAddress } from '../node.ts'
import { firstOtherPort, mapping } from './host-port.ts'

const [count = '', what = ''] = process.argv.slice(2)
const netns = '/run/netns/others'
const records = new Records('/run/podwire/attachments')

using datapath = new KernelDatapath()
// All in one namespace: on the node it makes no difference.
using namespace = Namespace.open(netns)
for (let index = 0; index < Number(count); index++) makePod(index)

function makePod(index: number): void {
  const containerId = `other-${index}`
  const interfaceName = `eth${index}`
  const hostInterface = hostInterfaceName('others', containerId, interfaceName)
  const address = `10.1.${index >> 8}.${index & 255}`
  const rules = rulesOf(index)
  const names = { network: 'others', containerId, interfaceName, hostInterface, netns }
  records.write(hostInterface, { ...names, addresses: [address], rules, since: Date.now() })
  // Of several default routes in one namespace each has a metric of its own.
  const routes = [{ destination: parsePrefix('0.0.0.0/0'), priority: index + 1 }]
  const link = { hostInterface, interfaceName, addresses: [parseAddress(address)], routes, rules, bandwidth: undefined }
  const more = { alias: containerId, podMac: undefined, mtu: undefined }
  datapath.connect(namespace, { ...link, ...more }, otherPods({ records, datapath }, containerId))
}

function rulesOf(index: number): PodRules {
  if (what === 'none') return { isAntiSpoofed: false, ports: [] }
  const port = { ...mapping, hostPort: firstOtherPort + index }
  return { isAntiSpoofed: true, ports: [what === 'port-at' ? { ...port, hostAddress: nodeAddress } : port] }
}

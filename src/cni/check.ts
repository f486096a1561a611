// CHECK: what prevResult says of ours, compared with the kernel and with the reservations.
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import { bandwidth } from './bandwidth-limits.ts'
import type { Config } from './config.ts'
import { configuredIpam } from './ipam.ts'
import { installed } from './link.ts'
import { otherPods } from './others.ts'
import type { Parts } from './parts.ts'
import { podNamespace } from './pod-namespace.ts'
import { podRules } from './pod-rules.ts'
import { readResult } from './read-result.ts'
import type { Request } from './request.ts'
import { requireVersion } from './version.ts'

export async function check(request: Request, config: Config, parts: Parts): Promise<void> {
  requireVersion(config.cniVersion, '0.4.0', 'CHECK')
  const { containerId, interfaceName, netns: path } = request
  if (config.prevResult === undefined) {
    throw new Problem('CONFIG_INVALID', 'Required prevResult missing: CHECK compares with what ADD answered')
  }
  const result = await readResult(config.prevResult, config.cniVersion, 'prevResult')
  const { addresses, routes } = installed(result, interfaceName, path)
  if (addresses.length === 0)
    throw new Problem('CHECK_FAILED', `prevResult has no address for ${interfaceName} in ${path}`)
  using netns = podNamespace(request)
  const hostInterface = hostInterfaceName(config.name, containerId, interfaceName)
  const record = parts.records.read(hostInterface)
  // Where /run was lost, the config says what it said to ADD.
  const rules = record?.rules ?? podRules(config)
  const limits = record === undefined ? bandwidth(config) : record.bandwidth
  const wrong = parts.datapath.check(
    netns,
    { hostInterface, interfaceName, addresses, routes, rules, bandwidth: limits },
    otherPods(parts, containerId),
  )
  parts.log.phase('kernel')
  if (wrong.length > 0)
    throw new Problem(
      'CHECK_FAILED',
      wrong.join('; '),
      'delete the pod and let it be made anew, if this cannot be mended',
    )
  await configuredIpam(parts).check(request, addresses.map(formatAddress), record?.leased)
  parts.log.phase('ipam')
}

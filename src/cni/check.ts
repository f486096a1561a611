// CHECK: what prevResult says of ours, compared with the kernel and with the reservations.
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import { configuredIpam } from './add.ts'
import type { Config } from './config.ts'
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
  const rules = record?.rules ?? podRules(config)
  const unknown = `the record ${hostInterface} in /run/podwire/attachments is gone: nobody knows what the pod was given of the node`
  const inKernel = parts.datapath.check(
    netns,
    { hostInterface, interfaceName, addresses, routes, rules, bandwidth: record?.bandwidth },
    otherPods(parts, containerId),
  )
  const wrong = record ? inKernel : [...inKernel, unknown]
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

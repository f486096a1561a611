// DEL: the undoing of any part of an ADD. What is gone already is success.
import { hostInterfaceName } from '../datapath/interface-name.ts'
import type { Basics } from './config.ts'
import { dismantle } from './dismantle.ts'
import type { Parts } from './parts.ts'
import type { Request } from './request.ts'

export async function del(request: Request, { name: network }: Basics, parts: Parts): Promise<void> {
  const { containerId, interfaceName } = request
  const name = hostInterfaceName(network, containerId, interfaceName)
  const record = parts.records.read(name)
  parts.log.add({ addresses: record?.addresses })
  await dismantle(name, request, record, parts)
}

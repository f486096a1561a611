// GC: the list of valid attachments decides; what is not on it goes as a whole, of this network alone.
import { hostInterfaceName, namePrefix } from '../datapath/interface-name.ts'
import { Problem } from '../problem.ts'
import type { Basics } from './config.ts'
import { dismantle } from './dismantle.ts'
import type { Owner } from './ipam.ts'
import type { Parts } from './parts.ts'
import { requireVersion } from './version.ts'

export async function gc(config: Basics, parts: Parts): Promise<void> {
  requireVersion(config.cniVersion, '1.1.0', 'GC')
  const valid = validAttachments(config)
  const nameOf = (owner: Owner) => hostInterfaceName(config.name, owner.containerId, owner.interfaceName)
  const wanted = new Set(valid.map(nameOf))
  const isStale = (name: string) => !wanted.has(name)
  const prefix = namePrefix(config.name)
  const failures = new Failures()
  for (const [name, record] of parts.records.list(prefix)) {
    if (isStale(name))
      await failures.collect(() => (record ? dismantle(name, record, record, parts) : parts.records.remove(name)))
  }
  const { datapath } = parts
  for (const find of ['hostInterfaces', 'publishedInterfaces'] as const)
    await failures.collect(async () => {
      for (const name of datapath[find](prefix).filter(isStale))
        await failures.collect(() => datapath.disconnect(name, undefined))
    })
  // Whose link could not be taken away still uses its address.
  const left = new Set(datapath.hostInterfaces(prefix).filter(isStale))
  await failures.collect(() => parts.ipam?.collect(valid, owner => owner === undefined || !left.has(nameOf(owner))))
  failures.throwAll()
}

/** Every failure is told, none stops the rest. */
export class Failures {
  readonly #messages: string[] = []

  async collect(work: () => Promise<void> | void | undefined): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#messages.push(error instanceof Error ? error.message : String(error))
    }
  }

  throwAll(): void {
    if (this.#messages.length > 0) throw new Problem('LEFT_BEHIND', [...new Set(this.#messages)].join('; '))
  }
}

/** An empty list says that nothing is valid; no list says nothing, and so nothing is removed. */
export function validAttachments(config: Basics): Owner[] {
  const list = config['cni.dev/valid-attachments'] ?? config['cni.dev/attachments']
  const isWhole = Array.isArray(list) && list.every(isAttachment)
  if (!isWhole) {
    throw new Problem(
      'CONFIG_INVALID',
      'cni.dev/valid-attachments must be a list of { "containerID", "ifname" }: without it nothing is removed',
    )
  }
  return list.map(({ containerID, ifname }) => ({ containerId: containerID, interfaceName: ifname }))
}

const isAttachment = (item: unknown): item is { containerID: string; ifname: string } =>
  typeof item === 'object' &&
  item !== null &&
  'containerID' in item &&
  typeof item.containerID === 'string' &&
  'ifname' in item &&
  typeof item.ifname === 'string'

// Where addresses come from, as the verbs see it: our own pool, or another plugin's binary.
import type { Address } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { LeasedText } from '../records/attachment.ts'
import type { ConfiguredRoute } from './config.ts'
import type { Dns } from './result.ts'

export interface Owner {
  readonly containerId: string
  readonly interfaceName: string
}

export interface LeasedAddress {
  readonly address: Address
  readonly subnet: Prefix
  readonly gateway: Address | undefined
}

export interface Lease {
  readonly addresses: readonly LeasedAddress[]
  readonly routes: readonly ConfiguredRoute[]
  readonly dns: Dns
}

export interface Ipam {
  /** Where our pool keeps them; undefined for a delegate. */
  readonly dataDir: string | undefined
  /** All that is asked for, or nothing. `intend` hears of the addresses before any is taken; `held` is what the owner is known to have. */
  allocate(owner: Owner, intend: (addresses: readonly string[]) => void, held?: readonly string[]): Promise<Lease>
  /** Gives back these addresses of the owner's; without a list, all that the owner has. */
  release(owner: Owner, addresses: readonly string[] | undefined): Promise<void>
  /** Fails where an address is not reserved for the owner. `leased` is what a delegate answered to ADD. */
  check(owner: Owner, addresses: readonly string[], leased?: readonly LeasedText[]): Promise<void>
  /** Gives back what belongs to none of `valid`, where `mayRelease` (the link is gone) agrees. */
  collect(valid: readonly Owner[], mayRelease: (owner: Owner | undefined) => boolean): Promise<void>
  /** Fails where an ADD could not be served. */
  status(): Promise<void>
}

export const ownerKey = ({ containerId, interfaceName }: Owner): string => `${containerId} ${interfaceName}`

export function configuredIpam({ ipam }: { readonly ipam: Ipam | undefined }): Ipam {
  if (ipam !== undefined) return ipam
  throw new Problem(
    'CONFIG_INVALID',
    'the config has no "ipam": add one like { "type": "podwire-ipam", "ranges": [[{ "subnet": "10.244.1.0/24" }]] }',
  )
}

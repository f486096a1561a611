// linux/netfilter.h, enum nf_inet_hooks and the NFPROTO_ numbers, by the names that nft gives them
import type { ValueOf } from '../netlink/codec.ts'
import type { nfgenmsg } from '../netlink/netfilter.ts'

export const families = { inet: 1, ip: 2, netdev: 5, bridge: 7, ip6: 10 } as const
export type Family = keyof typeof families

/** The table that something is in: `{ family: 'inet', table: 'podwire' }`. */
export interface Within {
  readonly family: Family
  readonly table: string
}

/** The fixed part of a message about one family. */
export const headerOf = (family: Family): ValueOf<typeof nfgenmsg> => ({
  family: families[family],
  version: 0,
  resource: 0,
})

export function familyOf({ family }: { readonly family: number }): Family {
  const [name] = Object.entries(families).find(([, number]) => number === family) ?? []
  if (name === undefined) throw new RangeError(`unknown netfilter family ${family}`)
  return name as Family
}

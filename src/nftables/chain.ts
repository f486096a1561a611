// nft(8) CHAINS · linux/netfilter/nf_tables.h, enum nft_chain_attributes
import { attributes, nested, type ValueOf } from '../netlink/codec.ts'
import { body } from '../netlink/message.ts'
import { nfgenmsg } from '../netlink/netfilter.ts'
import { be32, be32signed, be64, bytes, text } from '../netlink/scalar.ts'
import { type Family, familyOf, headerOf, type Within } from './family.ts'
import { commentEntry, commentIn, encodeUserData } from './user-data.ts'

const hook = attributes({
  number: [1, be32],
  priority: [2, be32signed],
  device: [3, text],
})

export const chainMessage = body(nfgenmsg, {
  table: [1, text],
  handle: [2, be64],
  name: [3, text],
  hook: [4, nested(hook)],
  policy: [5, be32],
  use: [6, be32],
  type: [7, text],
  flags: [10, be32],
  id: [11, be32],
  userData: [12, bytes],
})

type ChainMessage = ValueOf<typeof chainMessage>

const hooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const
const netdevHooks = { ingress: 0, egress: 1 } as const
const policies = { drop: 0, accept: 1 } as const

/** Where a chain is called from. Others are only jumped to. */
export interface Base {
  readonly type: 'filter' | 'nat' | 'route'
  readonly hook: keyof typeof hooks | keyof typeof netdevHooks
  readonly priority: number
  readonly policy: keyof typeof policies
  /** In family netdev only. */
  readonly device?: string
}

export interface Chain extends Within {
  readonly kind: 'chain'
  readonly name: string
  readonly base?: Base
  readonly comment?: string
}

export function encodeChain({ family, table, name, base, comment }: Chain): ChainMessage {
  const userData = encodeUserData(commentEntry(comment))
  return { ...headerOf(family), attributes: { table, name, ...(base && encodeBase(family, base)), userData } }
}

export const nameChain = ({ family, table, name }: Chain): ChainMessage => ({
  ...headerOf(family),
  attributes: { table, name },
})

export function decodeChain(message: ChainMessage): Chain {
  const { table = '', name = '', hook, type, policy = policies.accept, userData } = message.attributes
  const family = familyOf(message)
  const base = hook && {
    type: type as Base['type'],
    hook: nameOf(hooksOf(family), hook.number) as Base['hook'],
    priority: hook.priority ?? 0,
    policy: nameOf(policies, policy) as 'accept' | 'drop',
    ...(hook.device === undefined ? {} : { device: hook.device }),
  }
  return { kind: 'chain', family, table, name, ...(base && { base }), ...commentIn(userData) }
}

function encodeBase(family: Family, { type, hook, priority, policy, device }: Base): ChainMessage['attributes'] {
  const number = hooksOf(family)[hook]
  if (number === undefined) throw new TypeError(`family ${family} has no hook ${hook}`)
  return { type, policy: policies[policy], hook: { number, priority, device } }
}

const hooksOf = (family: Family): Readonly<Record<string, number>> => (family === 'netdev' ? netdevHooks : hooks)

function nameOf(names: Readonly<Record<string, number>>, number: number | undefined): string {
  const [name] = Object.entries(names).find(([, other]) => other === number) ?? []
  if (name === undefined) throw new RangeError(`neither of ${Object.keys(names)}: ${number}`)
  return name
}

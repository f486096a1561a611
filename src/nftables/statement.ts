// What a rule does with a packet. Each reads like nft's text: masquerade({ fullyRandom: true }) is `masquerade fully-random`.
import { replaced } from './bitwise.ts'
import { loaded, lookedUp } from './condition.ts'
import { encodeVerdict, type Verdict } from './data.ts'
import { encodeScalar } from './data-type.ts'
import type { Expression } from './expression.ts'
import { type FieldName, load, store } from './field.ts'
import { FIRST_REGISTER, registersOf, VERDICT_REGISTER } from './register.ts'

const NFT_NAT_SNAT = 0
const NFT_NAT_DNAT = 1
const NF_NAT_RANGE_PROTO_SPECIFIED = 2
const NF_NAT_RANGE_PROTO_RANDOM_FULLY = 16
const NFT_OBJECT_COUNTER = 1
const DYNSET_ADD = 0
const translated = {
  ip: { family: 2, type: 'ipv4_addr' },
  ip6: { family: 10, type: 'ipv6_addr' },
} as const

type TranslatedFamily = keyof typeof translated

export interface Target {
  readonly address: string
  readonly port?: number
}

/** Where the target stands: what the fields are looked up as in a map, of addresses or of addresses and ports. */
export interface TargetMap {
  readonly fields: FieldName | readonly FieldName[]
  readonly map: string
  readonly hasPort: boolean
  /** What must hold besides, without the registers of what was found: looked at last, where it is dearer than the map. */
  readonly where?: readonly Expression[]
}

/** `accept`, `drop`, `jump elsewhere`. */
export const verdict = (verdict: Verdict): Expression[] => [
  { name: 'immediate', data: { destination: VERDICT_REGISTER, data: encodeVerdict(verdict) } },
]

/** `counter`, or with a name, a counter of the table. */
export const counter = (name?: string): Expression[] =>
  name === undefined ? [{ name: 'counter', data: {} }] : [{ name: 'objref', data: { type: NFT_OBJECT_COUNTER, name } }]

export const notrack = (): Expression[] => [{ name: 'notrack' }]

/** `add @set { field . field }`: the rule ends there if the set is full. */
export const addTo = (set: string, fields: FieldName | readonly FieldName[]): Expression[] => [
  ...loaded(fields),
  { name: 'dynset', data: { key: FIRST_REGISTER, operation: DYNSET_ADD, set } },
]

/** `log prefix "…"`. */
export const log = (prefix: string): Expression[] => [{ name: 'log', data: { prefix } }]

export const masquerade = ({ fullyRandom = false } = {}): Expression[] => [
  { name: 'masq', data: fullyRandom ? { flags: NF_NAT_RANGE_PROTO_RANDOM_FULLY } : {} },
]

/** `dnat ip to …`. */
export const dnat = (family: TranslatedFamily, target: Target | TargetMap): Expression[] =>
  nat(NFT_NAT_DNAT, family, target)

/** `snat ip to …`. */
export const snat = (family: TranslatedFamily, target: Target | TargetMap): Expression[] =>
  nat(NFT_NAT_SNAT, family, target)

/** `redirect to :port`. */
export const redirect = (port: number): Expression[] => [
  immediate(FIRST_REGISTER, encodeScalar('inet_service', port)),
  { name: 'redir', data: { portMinimum: FIRST_REGISTER, flags: NF_NAT_RANGE_PROTO_SPECIFIED } },
]

/** `meta mark set value`. */
export const setMark = (field: 'meta mark' | 'ct mark', value: number): Expression[] => [
  immediate(FIRST_REGISTER, encodeScalar('mark', value)),
  store(field, FIRST_REGISTER),
]

/** `meta mark set meta mark | bits`. */
export function setMarkBits(field: 'meta mark' | 'ct mark', bits: number): Expression[] {
  const kept = encodeScalar('mark', ~bits >>> 0)
  return [load(field, FIRST_REGISTER), replaced(kept, encodeScalar('mark', bits)), store(field, FIRST_REGISTER)]
}

function nat(type: number, name: TranslatedFamily, target: Target | TargetMap): Expression[] {
  const { family, type: addressType } = translated[name]
  const isMap = 'map' in target
  const hasPort = isMap ? target.hasPort : target.port !== undefined
  const addressMinimum = FIRST_REGISTER
  // A map's value lies in registers as a key does; a target of our own begins each part in a large register, as nft has it.
  const [, behind] = isMap ? registersOf([addressType, 'inet_service']) : [undefined, FIRST_REGISTER + 1]
  const port = hasPort && behind !== undefined ? { portMinimum: behind } : {}
  const flags = hasPort && !isMap ? { flags: NF_NAT_RANGE_PROTO_SPECIFIED } : {}
  return [
    ...(isMap ? [...lookedUp(target.fields, target.map), ...(target.where ?? [])] : literal(target, addressType)),
    { name: 'nat', data: { type, family, addressMinimum, ...port, ...flags } },
  ]
}

function literal({ address, port }: Target, type: 'ipv4_addr' | 'ipv6_addr'): Expression[] {
  const to = immediate(FIRST_REGISTER, encodeScalar(type, address))
  return port === undefined ? [to] : [to, immediate(FIRST_REGISTER + 1, encodeScalar('inet_service', port))]
}

const immediate = (destination: number, value: Uint8Array): Expression => ({
  name: 'immediate',
  data: { destination, data: { value } },
})

// What we use of a Node object, whatever is missing in it or makes no sense.
import type { ClusterNode } from '../cluster/node.ts'
import { type Address, addressFrom, compare, isSame } from '../ip/address.ts'
import { firstOf, type Prefix, parsePrefix } from '../ip/prefix.ts'

/** `fault` hears of each part that was left out, and why. Nothing is the answer where there is no name. */
export function clusterNode(object: unknown, fault: (what: string) => void = () => {}): ClusterNode | undefined {
  const { metadata, spec, status } = fieldsOf(object)
  const { name, creationTimestamp } = fieldsOf(metadata)
  if (typeof name !== 'string' || name === '') {
    fault('no name')
    return undefined
  }
  const createdAtMs = typeof creationTimestamp === 'string' ? Date.parse(creationTimestamp) : Number.NaN
  if (creationTimestamp !== undefined && Number.isNaN(createdAtMs))
    fault(`creationTimestamp ${show(creationTimestamp)}`)
  return {
    name,
    addresses: addressesOf(fieldsOf(status), fault),
    podCidrs: podCidrsOf(fieldsOf(spec), fault),
    ...(!Number.isNaN(createdAtMs) && { createdAtMs }),
  }
}

export function isSameNode(a: ClusterNode, b: ClusterNode): boolean {
  return (
    a.name === b.name &&
    a.createdAtMs === b.createdAtMs &&
    sameLists(a.addresses, b.addresses, isSame) &&
    sameLists(a.podCidrs, b.podCidrs, isSamePrefix)
  )
}

function addressesOf({ addresses }: Fields, fault: (what: string) => void): Address[] {
  const internal = listOf(addresses, 'status.addresses', fault)
    .map(fieldsOf)
    .filter(({ type }) => type === 'InternalIP')
  const found = internal.flatMap(({ address }) => {
    const parsed = typeof address === 'string' ? addressFrom(address) : undefined
    if (parsed === undefined) fault(`InternalIP ${show(address)}`)
    return parsed ?? []
  })
  return withoutRepeats(found, isSame)
}

/** `podCIDR` is the only one in objects from before dual-stack. */
function podCidrsOf({ podCIDR, podCIDRs }: Fields, fault: (what: string) => void): Prefix[] {
  const many = listOf(podCIDRs, 'spec.podCIDRs', fault)
  const texts = many.length > 0 || podCIDR === undefined || podCIDR === '' ? many : [podCIDR]
  const found = texts.flatMap(text => {
    const parsed = prefixFrom(text)
    if (parsed === undefined) fault(`podCIDR ${show(text)}`)
    return parsed ?? []
  })
  return withoutRepeats(found, isSamePrefix)
}

function prefixFrom(text: unknown): Prefix | undefined {
  try {
    const prefix = parsePrefix(String(text))
    return prefix.length === 0 ? undefined : { address: firstOf(prefix), length: prefix.length }
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

function listOf(value: unknown, name: string, fault: (what: string) => void): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) fault(`${name} ${show(value)}`)
  return []
}

const show = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 60)

const isSamePrefix = (a: Prefix, b: Prefix): boolean => a.length === b.length && compare(a.address, b.address) === 0

const sameLists = <T>(a: readonly T[], b: readonly T[], isSameItem: (a: T, b: T) => boolean): boolean =>
  a.length === b.length && a.every((item, i) => isSameItem(item, b[i] as T))

const withoutRepeats = <T>(items: readonly T[], isSameItem: (a: T, b: T) => boolean): T[] =>
  items.filter((item, i) => items.findIndex(other => isSameItem(item, other)) === i)

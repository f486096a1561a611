// The kernel says of an expression what it was told, and what it filled in. Only the first can be compared.
import { isDeepStrictEqual } from 'node:util'
import type { Expression } from './expression.ts'

/** What an expression of any kind may have filled in. */
interface Filled {
  readonly flags?: number | undefined
  readonly operation?: number | undefined
  readonly level?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly addressMinimum?: number | undefined
  readonly addressMaximum?: number | undefined
  readonly portMinimum?: number | undefined
  readonly portMaximum?: number | undefined
}

// NF_NAT_RANGE_MAP_IPS and NF_NAT_RANGE_PROTO_SPECIFIED say that there is an address, and a port: so do their registers.
const impliedFlags: Readonly<Record<string, number>> = { nat: 3, redir: 2 }
const LOGLEVEL_WARNING = 4

/** Whether two rules do the same to a packet, whatever they have counted so far. */
export const areSame = (some: readonly Expression[], others: readonly Expression[]): boolean =>
  isDeepStrictEqual(some.map(canonical), others.map(canonical))

/** With what the kernel fills in, and without what a counter has counted. */
function canonical({ name, data }: Expression): Expression {
  if (name === 'counter') return { name, data: {} }
  if (data === undefined || data instanceof Uint8Array) return data?.length ? { name, data } : { name }
  const { flags = 0, operation = 0, level = LOGLEVEL_WARNING, timeoutMs = 0, ...said } = data as Filled
  const { addressMinimum, portMinimum, ...ranges } = said
  const { addressMaximum = addressMinimum, portMaximum = portMinimum, ...rest } = ranges
  const meant = flags & ~(impliedFlags[name] ?? 0)
  const address = addressMinimum !== undefined && { addressMinimum, addressMaximum }
  const port = portMinimum !== undefined && { portMinimum, portMaximum }
  return { name, data: { ...rest, flags: meant, operation, level, timeoutMs, ...address, ...port } } as Expression
}

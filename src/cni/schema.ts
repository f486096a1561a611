// Checking what comes in against a schema: keys as Go would accept them, and complaints that name the key.
import * as z from 'zod/mini'
import { Problem } from '../problem.ts'

// Compiling a validator for each schema costs more than one call gains.
z.config({ jitless: true })

interface Definition {
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>
  readonly element?: z.ZodMiniType
  readonly innerType?: z.ZodMiniType
}

/** The value with the schema's keys, whatever case they came in, as Go reads JSON (containerd writes `HostPort`); null is absent. */
function folded(value: unknown, schema: z.ZodMiniType): unknown {
  const { shape, element, innerType } = schema._zod.def as Definition
  if (innerType !== undefined) return folded(value, innerType)
  if (element !== undefined) return Array.isArray(value) ? value.map(item => folded(item, element)) : value
  if (shape === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const names = Object.keys(shape)
  const known: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const lower = key.toLowerCase()
    const name = names.find(name => name.toLowerCase() === lower)
    const inner = name === undefined ? undefined : shape[name]
    if (name !== undefined && inner !== undefined && item !== null) known[name] = folded(item, inner)
  }
  return known
}

type Table = Readonly<Record<string, () => z.ZodMiniType>>
type Shape<T extends Table> = { readonly [K in keyof T]: ReturnType<T[K]> }
export type Values<T extends Table> = z.output<z.ZodMiniObject<Shape<T>>>

/** The schema of those keys that a document has: what is not there needs no checking, as every key of a table is optional. */
export function objectFor<T extends Table>(table: T, document: unknown): z.ZodMiniObject<Shape<T>> {
  const keys = typeof document === 'object' && document !== null ? Object.keys(document) : []
  const present = new Set(keys.map(key => key.toLowerCase()))
  const entries = Object.entries(table).filter(([name]) => present.has(name.toLowerCase()))
  return z.object(Object.fromEntries(entries.map(([name, schema]) => [name, schema()]))) as z.ZodMiniObject<Shape<T>>
}

/** The value, or a Problem that names the first key that is wrong, what it should be and what it is. */
export function parse<S extends z.ZodMiniType>(
  schema: S,
  value: unknown,
  where: string,
  keys: 'of any case' | 'exact' = 'exact',
): z.output<S> {
  const parsed = schema.safeParse(keys === 'of any case' ? folded(value, schema) : value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path
    .map(key => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
  throw new Problem(
    'CONFIG_INVALID',
    `${where}: ${path || 'the document'} must be ${expected(issue)}, but is ${kind(at(value, issue?.path ?? []))}`,
  )
}

function expected(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type') return issue.expected === 'int' ? 'a whole number' : article(issue.expected)
  if (issue?.code === 'invalid_value') return `one of ${issue.values.join(', ')}`
  if (issue?.code === 'too_small') return `at least ${issue.minimum}`
  if (issue?.code === 'too_big') return `at most ${issue.maximum}`
  return issue?.message ?? 'different'
}

const article = (noun: string): string => `${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`

/** The value at a path, by Go's rule for keys. */
function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined
    const entry = Object.entries(inner).find(([name]) => name.toLowerCase() === String(key).toLowerCase())
    return entry?.[1]
  }, value)
}

function kind(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value)}`
}

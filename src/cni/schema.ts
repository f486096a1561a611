// The vocabulary of our schemas: objects whose keys Go would accept, and complaints that name the key.
import * as z from 'zod/mini'
import { Problem } from '../problem.ts'

// Compiling a validator for each schema costs more than one call gains.
z.config({ jitless: true })

/** An object with these keys in any case, as Go reads JSON (containerd writes `HostPort`); null is absent, the rest is dropped. */
export function object<S extends z.core.$ZodShape>(shape: S) {
  const names = new Map(Object.keys(shape).map(name => [name.toLowerCase(), name]))
  const fold = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const entries = Object.entries(value).filter(([, item]) => item !== null)
    const folded = entries.map(([key, item]) => [names.get(key.toLowerCase()), item] as const)
    return Object.fromEntries(folded.filter(([name]) => name !== undefined))
  }
  return z.pipe(z.transform(fold), z.object(shape))
}

/** The value, or a Problem that names the first key that is wrong, what it should be and what it is. */
export function parse<S extends z.ZodMiniType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value)
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
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value)}`
}

// The part of JSON Schema that our configs need, without a library: does a document fit, and under which names are its keys known.

export interface Shape {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
}

/** The value with the known keys, whatever case they came in, as Go reads JSON (containerd writes `HostPort`); null is absent. */
export function folded(value: unknown, { properties, items }: Shape): unknown {
  if (items !== undefined) return Array.isArray(value) ? value.map(item => folded(item, items)) : value
  if (properties === undefined || !isObject(value)) return value
  const names = new Map(Object.keys(properties).map(name => [name.toLowerCase(), name]))
  const known: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const name = names.get(key.toLowerCase())
    if (name !== undefined && item !== null) known[name] = folded(item, properties[name] ?? {})
  }
  return known
}

export function fits(value: unknown, shape: Shape): boolean {
  if (shape.enum !== undefined && !shape.enum.includes(value)) return false
  switch (shape.type) {
    case 'object':
      return isObject(value) && fieldsFit(value, shape)
    case 'array':
      return Array.isArray(value) && value.every(item => fits(item, shape.items ?? {}))
    case 'string':
      return typeof value === 'string' && (shape.pattern === undefined || new RegExp(shape.pattern).test(value))
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isSafeInteger(value) && isWithin(Number(value), shape)
    default:
      // What is not known here fits nothing: the library decides.
      return Object.keys(shape).length === 0
  }
}

function fieldsFit(value: Readonly<Record<string, unknown>>, { properties = {}, required = [] }: Shape): boolean {
  const isThere = required.every(name => Object.hasOwn(value, name))
  return isThere && Object.entries(value).every(([name, item]) => fits(item, properties[name] ?? {}))
}

const isWithin = (value: number, { minimum = value, maximum = value }: Shape): boolean =>
  minimum <= value && value <= maximum

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

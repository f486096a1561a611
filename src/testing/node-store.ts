// Node objects with versions, as the API server keeps them: a list in pages, and what changed since.

export interface NodeObject {
  readonly metadata?: { readonly name?: unknown; readonly [key: string]: unknown } | null | undefined
  readonly [key: string]: unknown
}

export type Hear = (type: string, object: NodeObject) => void

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly version: number
  readonly object: NodeObject
}

export class NodeStore {
  readonly watchers = new Set<Hear>()
  readonly #objects = new Map<unknown, NodeObject>()
  #changes: Change[] = []
  #version = 1000
  #oldest = 1000

  get version(): string {
    return String(this.#version)
  }

  get(name: string): NodeObject | undefined {
    return this.#objects.get(name)
  }

  /** Keyed by its name, which need be none. */
  put(object: NodeObject, key: unknown = object.metadata?.name): void {
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED'
    this.#change(type, key, object)
  }

  delete(name: unknown): void {
    this.#change('DELETED', name, this.#objects.get(name) ?? {})
  }

  /** Older versions are too old from now on. */
  compact(): void {
    this.#changes = []
    this.#oldest = ++this.#version
  }

  /** What changed since a version, or nothing where that is too old. */
  since(version: number): readonly Change[] | undefined {
    return version < this.#oldest ? undefined : this.#changes.filter(change => change.version > version)
  }

  /** Nothing where it goes on from what is too old. */
  page({ limit, continue: from, fieldSelector }: Readonly<Record<string, string>>): unknown {
    const [version = this.version, start = '0'] = from?.split(':') ?? []
    if (Number(version) < this.#oldest) return undefined
    const name = fieldSelector?.replace('metadata.name=', '')
    const all = name === undefined ? [...this.#objects.values()] : [this.#objects.get(name)].filter(Boolean)
    const end = Number(start) + (Number(limit) || all.length)
    const metadata = { resourceVersion: version, ...(end < all.length && { continue: `${version}:${end}` }) }
    return { kind: 'NodeList', apiVersion: 'v1', metadata, items: all.slice(Number(start), end) }
  }

  #change(type: Change['type'], key: unknown, given: NodeObject): void {
    const version = ++this.#version
    const object = { ...given, metadata: given.metadata && { ...given.metadata, resourceVersion: String(version) } }
    if (type === 'DELETED') this.#objects.delete(key)
    else this.#objects.set(key, object)
    this.#changes.push({ type, version, object })
    for (const hear of this.watchers) hear(type, object)
  }
}

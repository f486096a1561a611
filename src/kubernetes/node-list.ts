// The nodes as the API server last told of them. A node that did not change stays the same object.
import type { ClusterNode } from '../cluster/node.ts'
import { Problem } from '../problem.ts'
import { clusterNode, isSameNode } from './cluster-node.ts'
import type { NodeExcerpt } from './node-excerpt.ts'

const shownFaults = 3

export class NodeList {
  readonly #nodes = new Map<string, ClusterNode>()
  readonly #faults = new Map<string, string>()
  /** What was read last, where it was an excerpt. */
  readonly #excerpts = new Map<string, string>()

  get(name: string): ClusterNode | undefined {
    return this.#nodes.get(name)
  }

  get nodes(): readonly ClusterNode[] {
    return [...this.#nodes.values()]
  }

  /** What was left out, of which nodes; nothing where all made sense. */
  get fault(): Problem | undefined {
    if (this.#faults.size === 0) return undefined
    const faults = Array.from(this.#faults, ([name, what]) => `${name} (${what})`)
    const more = faults.length > shownFaults ? ` and ${faults.length - shownFaults} more` : ''
    const message = `of these Node objects a part makes no sense and is left out: ${faults.slice(0, shownFaults).join(', ')}${more}`
    return new Problem('NODE_INVALID', message, faults.join('\n'))
  }

  /** As one page of the whole list has it. Of two with one name the first counts. */
  add(object: unknown, before: NodeList | undefined): void {
    const { node, faults } = read(object)
    const isRepeat = node !== undefined && this.#nodes.has(node.name)
    this.#note(node?.name, isRepeat ? ['listed twice'] : faults)
    if (node === undefined || isRepeat) return
    const known = before?.get(node.name)
    this.#nodes.set(node.name, known && isSameNode(known, node) ? known : node)
  }

  addExcerpt({ name, text }: NodeExcerpt, before: NodeList | undefined): void {
    const isFirst = !this.#nodes.has(name)
    this.add(JSON.parse(text), before)
    if (isFirst) this.#remember(name, text)
  }

  /** As a watch tells. Whether anything that we use changed. */
  put(object: unknown): boolean {
    const { node, faults } = read(object)
    this.#note(node?.name, faults)
    if (node === undefined) return false
    this.#excerpts.delete(node.name)
    const before = this.#nodes.get(node.name)
    if (before && isSameNode(before, node)) return false
    this.#nodes.set(node.name, node)
    return true
  }

  putExcerpt({ name, text }: NodeExcerpt): boolean {
    if (this.#excerpts.get(name) === text) return false
    const isChanged = this.put(JSON.parse(text))
    this.#remember(name, text)
    return isChanged
  }

  delete(object: unknown): boolean {
    const name = read(object).node?.name ?? ''
    this.#excerpts.delete(name)
    this.#faults.delete(name)
    return this.#nodes.delete(name)
  }

  /** By the node's own name: a part of a text would keep all of it. */
  #remember(name: string, text: string): void {
    const node = this.#nodes.get(name)
    if (node !== undefined) this.#excerpts.set(node.name, text)
  }

  #note(name = 'one without a name', faults: readonly string[]): void {
    if (faults.length > 0) this.#faults.set(name, faults.join(', '))
    else this.#faults.delete(name)
  }
}

function read(object: unknown) {
  const faults: string[] = []
  return { node: clusterNode(object, fault => faults.push(fault)), faults }
}

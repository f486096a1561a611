// Nodes from a file, where there is no Kubernetes: read at each change, whole or not at all.
import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from '../problem.ts'
import type { NodeListener, NodeSource } from './node-source.ts'
import { nothingKnown, parseNodes } from './parse-nodes.ts'

// For file systems that tell of no change, and directories that come later.
const POLL_MS = 2000
// A file that is written in place is not read half way.
const SETTLE_MS = 100

interface Version {
  readonly inode: bigint
  readonly changed: bigint
  readonly size: bigint
}

export class NodesFile implements NodeSource {
  readonly #path: string
  readonly #pollMs: number

  constructor(path: string, { pollMs = POLL_MS } = {}) {
    this.#path = path
    this.#pollMs = pollMs
  }

  start(listener: NodeListener): Disposable {
    return new Reading(this.#path, this.#pollMs, listener)
  }
}

class Reading implements Disposable {
  readonly #path: string
  readonly #listener: NodeListener
  readonly #poll: NodeJS.Timeout
  #settling: NodeJS.Timeout | NodeJS.Immediate | undefined
  #watched: { readonly inode: bigint; readonly watcher: FSWatcher } | undefined
  #read: Version | undefined
  #trouble = ''
  #known = nothingKnown

  constructor(path: string, pollMs: number, listener: NodeListener) {
    this.#path = path
    this.#listener = listener
    this.#poll = setInterval(() => this.#look(), pollMs)
    this.#settling = setImmediate(() => this.#look())
  }

  /** Reads what is new. */
  #look(): void {
    this.#watch()
    let now: Version | undefined
    try {
      now = versionOf(this.#path)
      if (this.#read !== undefined && isSame(now, this.#read)) return
      const waitMs = unsettledMs(now)
      const text = readFileSync(this.#path, 'utf8')
      if (waitMs > 0 && !looksWhole(text)) {
        this.#lookAgain(waitMs)
        return
      }
      this.#take(text)
    } catch (error) {
      this.#say(error)
    }
    this.#read = now
  }

  #take(text: string): void {
    const { nodes, problems, known } = parseNodes(text, this.#known)
    this.#known = known
    this.#trouble = ''
    this.#listener.onNodes(nodes)
    for (const problem of problems) this.#listener.onTrouble(problem)
  }

  /** Once for as long as it is the same. */
  #say(error: unknown): void {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error)
    const message = `the nodes file ${this.#path} cannot be read: ${reason}`
    if (message === this.#trouble) return
    this.#trouble = message
    const details =
      'The last good list counts until it can be. It is a list of { name, addresses, podCIDRs }, in JSON or YAML.'
    this.#listener.onTrouble(new Problem('NODES_UNREADABLE', message, details, error))
  }

  #lookAgain(delayMs: number): void {
    clearTimeout(this.#settling as NodeJS.Timeout)
    this.#settling = setTimeout(() => this.#look(), delayMs)
  }

  /** The directory, since a file that is renamed into place is another file. */
  #watch(): void {
    const directory = dirname(this.#path)
    const inode = inodeOf(directory)
    if (inode === this.#watched?.inode) return
    this.#watched?.watcher.close()
    this.#watched = undefined
    if (inode === undefined) return
    try {
      const watcher = watch(directory, { persistent: true }, () => this.#look())
      // Gone with its directory: the poll finds the next.
      watcher.on('error', () => {})
      this.#watched = { inode, watcher }
    } catch {
      // Out of inotify watches: the poll goes on.
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll)
    clearImmediate(this.#settling as NodeJS.Immediate)
    clearTimeout(this.#settling as NodeJS.Timeout)
    this.#watched?.watcher.close()
  }
}

function versionOf(path: string): Version {
  const { ino: inode, mtimeNs: changed, size } = statSync(path, { bigint: true })
  return { inode, changed, size }
}

/** How long to wait until nobody is writing. A time of the future says nothing. */
function unsettledMs({ changed }: Version): number {
  const quietMs = Date.now() - Number(changed / 1_000_000n)
  return quietMs < 0 ? 0 : SETTLE_MS - quietMs
}

/** JSON has an end; of YAML, any part may be a whole. */
const looksWhole = (text: string): boolean =>
  /^\s*\[/.test(text) ? /\]\s*$/.test(text) : /^\s*\{/.test(text) && /\}\s*$/.test(text)

const isSame = (a: Version, b: Version): boolean => a.inode === b.inode && a.changed === b.changed && a.size === b.size

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

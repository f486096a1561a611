// A network namespace by path: entered to open a socket or to touch a sysctl, left again before anything else happens.
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { Connection } from '../netlink/connection.ts'
import { hasCode, Problem } from '../problem.ts'
import { CLONE_NEWNET, namespaceType, setns } from '../sys/libc.ts'

// Of the calling thread: setns moves no other.
const CURRENT = '/proc/thread-self/ns/net'

export class Namespace {
  /** Where this thread lives: the way back from every other. Open for as long as the process. */
  static #home: Namespace | undefined
  readonly fd: number
  readonly path: string
  readonly #isHome: boolean

  private constructor(fd: number, path: string, isHome = false) {
    this.fd = fd
    this.path = path
    this.#isHome = isHome
  }

  static open(path: string): Namespace {
    const fd = openNamespaceFile(path)
    try {
      const what = strangerAt(fd)
      if (what !== undefined) throw notANamespace(path, `is ${what}, not a network namespace`)
      return new Namespace(fd, path)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  static current(): Namespace {
    return new Namespace(openNamespaceFile(CURRENT), CURRENT, true)
  }

  isSame(other: Namespace): boolean {
    const mine = fstatSync(this.fd, { bigint: true })
    const theirs = fstatSync(other.fd, { bigint: true })
    return mine.dev === theirs.dev && mine.ino === theirs.ino
  }

  /** Runs synchronous work with this thread in the namespace. */
  inside<T>(work: () => T): T {
    if (this.#isHome) return synchronous(work)
    Namespace.#home ??= Namespace.current()
    const home = Namespace.#home
    setns(this.fd, CLONE_NEWNET)
    try {
      return synchronous(work)
    } finally {
      goBack(home, this)
    }
  }

  /** A connection to this namespace, used from outside. */
  connect(): Connection {
    return this.inside(() => Connection.open())
  }

  /** The text of a sysctl below /proc/sys, or undefined where there is none of that name. */
  readSysctl(path: string): string | undefined {
    return this.#unlessAbsent(() => readFileSync(`/proc/sys/${path}`, 'utf8').trimEnd())
  }

  /** The names below a directory of sysctls, such as the interfaces of `net/ipv6/conf`. */
  listSysctl(path: string): readonly string[] {
    return this.#unlessAbsent(() => readdirSync(`/proc/sys/${path}`)) ?? []
  }

  writeSysctl(path: string, value: string): void {
    this.inside(() => writeFileSync(`/proc/sys/${path}`, value, { flag: 'r+' }))
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }

  // Synchronous: the promises of node:fs are kept by other threads, which are in another namespace.
  #unlessAbsent<T>(read: () => T): T | undefined {
    try {
      return this.inside(read)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  }
}

function synchronous<T>(work: () => T): T {
  const result = work()
  if (result instanceof Promise) throw new TypeError('what runs inside a namespace may not wait')
  return result
}

function openNamespaceFile(path: string): number {
  try {
    // O_NONBLOCK: opening a FIFO would wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const why = hasCode(error, 'ENOENT', 'ENOTDIR') ? 'is gone' : 'cannot be opened'
    throw notANamespace(path, why, error)
  }
}

/** What an open file is when it is no network namespace. */
function strangerAt(fd: number): string | undefined {
  const stat = fstatSync(fd)
  if (stat.isDirectory()) return 'a directory'
  if (stat.isFIFO()) return 'a FIFO'
  if (!stat.isFile()) return 'a device'
  try {
    return namespaceType(fd) === CLONE_NEWNET ? undefined : 'a namespace of another kind'
  } catch (error) {
    if (hasCode(error, 'ENOTTY')) return 'a plain file'
    throw error
  }
}

function notANamespace(path: string, what: string, cause?: unknown): Problem {
  const details =
    cause instanceof Error
      ? cause.message
      : 'It must name a network namespace, as /run/netns/NAME and /proc/PID/ns/net do.'
  return new Problem('ENVIRONMENT_INVALID', `the network namespace ${path} ${what}`, details, cause)
}

function goBack(home: Namespace, from: Namespace): void {
  try {
    setns(home.fd, CLONE_NEWNET)
  } catch (error) {
    // Whatever came next would happen to the wrong namespace.
    writeSync(2, `podwire: no way back from the network namespace ${from.path}: ${String(error)}\n`)
    process.exit(1)
  }
}

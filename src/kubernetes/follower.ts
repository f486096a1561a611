// The loop behind a source of nodes: list, watch, and whatever fails, go on.
import { setTimeout as wait } from 'node:timers/promises'
import type { NodeListener } from '../cluster/node-source.ts'
import { hasCode, Problem } from '../problem.ts'
import type { ApiAccess } from './api-access.ts'
import { listNodes, type NodeQuery } from './list-nodes.ts'
import type { NodeList } from './node-list.ts'
import { Troubles } from './troubles.ts'
import { type WatchEvent, watchNodes } from './watch-nodes.ts'

export interface FollowerOptions extends NodeQuery {
  /** A watch that was silent for so long is opened anew. */
  readonly silenceMs: number
  /** A watch that stays open for so long works. */
  readonly steadyMs: number
  readonly pageSize: number
  readonly pauseMs: (failures: number) => number
}

/** So often in a row, what happens to every watch one day is no accident any more. */
const patience = 3
const usual = ['API_EXPIRED', 'WATCH_CLOSED']

export class Follower {
  readonly #access: ApiAccess
  readonly #options: FollowerOptions
  readonly #listener: NodeListener
  readonly #signal: AbortSignal
  readonly #failuresSaid: Troubles
  readonly #faultsSaid: Troubles
  #list: NodeList | undefined
  /** Where to watch from; none where the list has to be read again. */
  #version: string | undefined
  #failures = 0

  constructor(access: ApiAccess, options: FollowerOptions, listener: NodeListener, signal: AbortSignal) {
    this.#access = access
    this.#options = options
    this.#listener = listener
    this.#signal = signal
    this.#failuresSaid = new Troubles(problem => listener.onTrouble(problem))
    this.#faultsSaid = new Troubles(problem => listener.onTrouble(problem))
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await this.#watch(this.#version ?? (await this.#readList()))
      } catch (error) {
        if (this.#signal.aborted) return
        if (!(error instanceof Problem)) throw error
        this.#fail(error)
      }
      await wait(this.#options.pauseMs(this.#failures), undefined, { signal: this.#signal }).catch(() => {})
    }
  }

  async #readList(): Promise<string> {
    const { list, version } = await listNodes(this.#access, this.#options, this.#list, this.#signal)
    this.#list = list
    this.#version = version
    this.#publish(list)
    return version
  }

  async #watch(version: string): Promise<void> {
    const events = await watchNodes(this.#access, this.#options, version, this.#signal)
    let isSteady = false
    const timer = setTimeout(() => {
      isSteady = true
      this.#recover()
    }, this.#options.steadyMs)
    try {
      for await (const group of events) this.#hear(group)
    } catch (error) {
      // Broken off, or silent: it is opened again where it ended.
      if (!hasCode(error, 'API_UNREACHABLE')) throw error
    } finally {
      clearTimeout(timer)
    }
    if (!isSteady) throw this.#closed()
  }

  #hear(group: readonly WatchEvent[]): void {
    const list = this.#list
    if (list === undefined || this.#signal.aborted) return
    let isChanged = false
    for (const { type, object, excerpt, version } of group) {
      if (excerpt !== undefined) isChanged = list.putExcerpt(excerpt) || isChanged
      else if (type === 'ADDED' || type === 'MODIFIED') isChanged = list.put(object) || isChanged
      if (type === 'DELETED') isChanged = list.delete(object) || isChanged
      this.#version = version ?? this.#version
    }
    if (isChanged) this.#publish(list)
    else this.#sayFault(list)
  }

  #publish(list: NodeList): void {
    if (this.#signal.aborted) return
    this.#listener.onNodes(list.nodes)
    this.#sayFault(list)
  }

  #sayFault(list: NodeList): void {
    const { fault } = list
    if (fault) this.#faultsSaid.say(fault)
    else if (this.#faultsSaid.end()) this.#listener.onNodes(list.nodes)
  }

  #fail(problem: Problem): void {
    this.#failures++
    const isUsual = usual.includes(problem.code)
    // Where watches never work, lists keep us up to date.
    if (problem.code === 'API_EXPIRED' || (problem.code !== 'API_UNREACHABLE' && this.#failures >= patience))
      this.#version = undefined
    if (!isUsual || this.#failures >= patience) this.#failuresSaid.say(problem)
  }

  #recover(): void {
    this.#failures = 0
    if (this.#failuresSaid.end() && this.#list) this.#listener.onNodes(this.#list.nodes)
  }

  #closed(): Problem {
    const message = `the API server at ${this.#access.server.host} closes every watch of nodes at once: is a proxy between that cannot stream? The list is read again and again instead`
    return new Problem('WATCH_CLOSED', message)
  }
}

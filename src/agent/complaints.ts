// What is wrong at the moment: said when it begins and when it is over, however often it is found meanwhile.
import type { Problem } from '../problem.ts'

export interface News {
  readonly begun: readonly Problem[]
  readonly over: readonly Problem[]
}

export class Complaints {
  #current = new Map<string, Problem>()

  get current(): readonly Problem[] {
    return [...this.#current.values()]
  }

  /** Takes all that is wrong now. */
  update(problems: readonly Problem[]): News {
    const next = new Map(problems.map(problem => [`${problem.code} ${problem.message}`, problem]))
    const begun = Array.from(next).flatMap(([text, problem]) => (this.#current.has(text) ? [] : [problem]))
    const over = Array.from(this.#current).flatMap(([text, problem]) => (next.has(text) ? [] : [problem]))
    this.#current = next
    return { begun, over }
  }
}

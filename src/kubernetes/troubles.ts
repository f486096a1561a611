// Each trouble is said once for as long as it lasts.
import type { Problem } from '../problem.ts'

export class Troubles {
  readonly #said = new Set<string>()

  readonly #say: (problem: Problem) => void

  constructor(say: (problem: Problem) => void) {
    this.#say = say
  }

  say(problem: Problem): void {
    if (this.#said.has(problem.message)) return
    this.#said.add(problem.message)
    this.#say(problem)
  }

  /** All is well; whether it was not. */
  end(): boolean {
    const were = this.#said.size > 0
    this.#said.clear()
    return were
  }
}

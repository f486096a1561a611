// What a call said of itself, gathered until it is over.
import type { Fields, Log } from '../log.ts'

export class CallLog implements Log {
  readonly warnings: string[] = []
  #fields: Fields = {}
  readonly #phases: Record<string, number> = {}
  // Node.js counts from the start of the process.
  #last = 0

  constructor() {
    this.phase('start')
  }

  add(fields: Fields): void {
    this.#fields = { ...this.#fields, ...fields }
  }

  warn(message: string): void {
    this.warnings.push(message)
  }

  phase(name: string): void {
    const now = performance.now()
    this.#phases[name] = round((this.#phases[name] ?? 0) + now - this.#last)
    this.#last = now
  }

  /** All that was said, with the milliseconds since the process started and of each phase. */
  fields(): Fields {
    return { ...this.#fields, ms: round(performance.now()), phases: this.#phases }
  }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000

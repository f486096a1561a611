// What a call said of itself, gathered until it is over.
import type { Fields, Log } from '../log.ts'

export class CallLog implements Log {
  readonly warnings: string[] = []
  #fields: Fields = {}
  readonly #phases: Record<string, number> = {}
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
    const now = millisecondsSinceStart()
    this.#phases[name] = round((this.#phases[name] ?? 0) + now - this.#last)
    this.#last = now
  }

  /** All that was said, with the milliseconds since the process started and of each phase. */
  fields(): Fields {
    return { ...this.#fields, ms: round(millisecondsSinceStart()), phases: this.#phases }
  }
}

// Not performance.now(): it loads a module of 2 ms.
const millisecondsSinceStart = (): number => process.uptime() * 1000

const round = (ms: number): number => Math.round(ms * 1000) / 1000

// Tells people at a terminal how far a benchmark is and how long it will take; nobody else hears of it.

export class Progress {
  readonly #what: string
  readonly #steps: number
  readonly #start = performance.now()
  #done = 0

  constructor(what: string, steps: number) {
    this.#what = what
    this.#steps = steps
  }

  step(): void {
    this.#done += 1
    if (!process.stderr.isTTY) return
    const left = ((performance.now() - this.#start) / this.#done) * (this.#steps - this.#done)
    const said = `${this.#what}: ${this.#done} of ${this.#steps}, ${Math.ceil(left / 1000)} s left`
    process.stderr.write(this.#done < this.#steps ? `\r\x1b[K${said}` : '\r\x1b[K')
  }
}

// Whole lines of a stream of bytes, as its chunks end them.
import { Problem } from '../problem.ts'

const longest = 16 * 1024 * 1024

export class Lines {
  // Bytes, as a chunk may end in the midst of a character.
  #rest: Buffer[] = []
  #length = 0

  /** Those that this chunk ends. */
  feed(chunk: Buffer): readonly string[] {
    const end = chunk.lastIndexOf(10)
    const whole = end < 0 ? undefined : Buffer.concat([...this.#rest, chunk.subarray(0, end)]).toString()
    if (end >= 0) this.#rest = []
    if (end + 1 < chunk.length) this.#rest.push(chunk.subarray(end + 1))
    this.#length = (end < 0 ? this.#length : 0) + chunk.length - end - 1
    if (this.#length > longest)
      throw new Problem('API_REFUSED', `the API server tells of a change in more than ${longest} bytes`)
    return whole === undefined ? [] : whole.split('\n').filter(line => line !== '')
  }
}

// The items of a list in JSON, one by one as its bytes arrive: a page parsed whole is megabytes of text, and several times that of objects.

const quote = 0x22
const openList = 0x5b
const backslash = 0x5c
const closeList = 0x5d
const open = 0x7b
const close = 0x7d

/** Gives the text of each object in the lists of a document to `item`, and keeps what is around them. */
export class ListItems {
  readonly #item: (text: string) => void
  readonly #around: Buffer[] = []
  #pieces: Buffer[] = []
  #depth = 0
  #isInList = false
  #hasItems = false
  #isInText = false
  #isEscaped = false

  constructor(item: (text: string) => void) {
    this.#item = item
  }

  feed(chunk: Buffer): void {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      if (this.#isInText) i = this.#textEnd(chunk, i)
      const byte = chunk[i]
      if (byte === quote) this.#isInText = !this.#isInText
      else if (byte === open || byte === openList) start = this.#open(chunk, start, i)
      else if (byte === close || byte === closeList) start = this.#close(chunk, start, i)
    }
    this.#keep(chunk.subarray(start))
  }

  /** The document, with its lists empty. */
  end(): unknown {
    return JSON.parse(Buffer.concat(this.#around).toString())
  }

  /** Where the text's closing quote is, or past the end of what has arrived. */
  #textEnd(chunk: Buffer, from: number): number {
    let i = this.#isEscaped ? from + 1 : from
    for (; i < chunk.length; i++) {
      const byte = chunk[i]
      if (byte === quote) break
      if (byte === backslash) i++
    }
    this.#isEscaped = i > chunk.length
    return Math.min(i, chunk.length)
  }

  #open(chunk: Buffer, start: number, at: number): number {
    this.#depth++
    if (this.#depth === 2) {
      this.#isInList = chunk[at] === openList
      this.#hasItems = false
    }
    if (this.#depth !== 3 || !this.#isInList) return start
    this.#depth--
    this.#keep(chunk.subarray(start, at))
    this.#depth++
    this.#hasItems = true
    return at
  }

  #close(chunk: Buffer, start: number, at: number): number {
    this.#depth--
    if (!this.#isInList || this.#depth > 2) return start
    if (this.#depth === 2) {
      const text = Buffer.concat([...this.#pieces, chunk.subarray(start, at + 1)]).toString()
      this.#pieces = []
      this.#item(text)
      return at + 1
    }
    this.#isInList = false
    // Commas between items are of no use where the items are gone.
    return this.#hasItems ? at : start
  }

  #keep(piece: Buffer): void {
    if (this.#isInList && this.#depth > 2) this.#pieces.push(piece)
    else if (!(this.#isInList && this.#hasItems)) this.#around.push(piece)
  }
}

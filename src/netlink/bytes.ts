// Bytes being written and bytes being read. Netlink speaks host byte order; ours is little-endian, which Connection.open makes sure of.

/** A growing byte buffer. */
export class Writer {
  #bytes = Buffer.alloc(256)
  length = 0

  /** Reserves `size` zeroed bytes and returns them. */
  take(size: number): Buffer {
    const end = this.length + size
    if (end > this.#bytes.length) {
      const bigger = Buffer.alloc(Math.max(end, this.#bytes.length * 2))
      this.#bytes.copy(bigger)
      this.#bytes = bigger
    }
    const taken = this.#bytes.subarray(this.length, end)
    this.length = end
    return taken
  }

  /** Pads with zeroes up to a multiple of four, as NLMSG_ALIGN and NLA_ALIGN do. */
  align(): void {
    this.take(-this.length & 3)
  }

  /** Bytes already written, to be rewritten: a length is known only after its body. */
  at(offset: number, size: number): Buffer {
    return this.#bytes.subarray(offset, offset + size)
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }
}

/** A cursor over received bytes; every read is bounds-checked. */
export class Reader {
  readonly bytes: Buffer
  offset = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.bytes.length - this.offset
  }

  take(size: number): Buffer {
    if (size < 0 || size > this.remaining) throw new RangeError(`need ${size} bytes, ${this.remaining} left`)
    const taken = this.bytes.subarray(this.offset, this.offset + size)
    this.offset += size
    return taken
  }

  /** Moves to a multiple of four, or to the end: the last of a run may lack its padding. */
  align(): void {
    this.offset = Math.min((this.offset + 3) & ~3, this.bytes.length)
  }

  rest(): Buffer {
    return this.take(this.remaining)
  }
}

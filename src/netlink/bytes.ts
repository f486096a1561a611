// Bytes being written and bytes being read. Netlink speaks host byte order; ours is little-endian, which Connection.open makes sure of.
// A DataView, and no subarray a field: a plugin runs its code cold, where each call and each object counts.

/** A growing byte buffer. */
export class Writer {
  bytes = Buffer.alloc(256)
  view = viewOf(this.bytes)
  length = 0

  /** Reserves `size` zeroed bytes and returns where they begin. The buffer may be another afterwards. */
  take(size: number): number {
    const start = this.length
    this.length += size
    if (this.length > this.bytes.length) this.#grow()
    return start
  }

  /** Pads with zeroes up to a multiple of four, as NLMSG_ALIGN and NLA_ALIGN do. */
  align(): void {
    this.take(-this.length & 3)
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  #grow(): void {
    const bigger = Buffer.alloc(Math.max(this.length, this.bytes.length * 2))
    this.bytes.copy(bigger)
    this.bytes = bigger
    this.view = viewOf(bigger)
  }
}

/** A cursor over a part of received bytes; every read is bounds-checked. */
export class Reader {
  readonly bytes: Buffer
  readonly view: DataView
  readonly end: number
  offset: number

  private constructor(bytes: Buffer, view: DataView, offset: number, end: number) {
    this.bytes = bytes
    this.view = view
    this.offset = offset
    this.end = end
  }

  /** Over a whole datagram: what is aligned in it is aligned to its beginning. */
  static of(bytes: Uint8Array): Reader {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    return new Reader(buffer, viewOf(buffer), 0, buffer.length)
  }

  get remaining(): number {
    return this.end - this.offset
  }

  /** Passes over `size` bytes and returns where they begin. */
  take(size: number): number {
    const start = this.offset
    if (size < 0 || size > this.end - start) throw new RangeError(`need ${size} bytes, ${this.end - start} left`)
    this.offset = start + size
    return start
  }

  /** A cursor of its own over the next `size` bytes, which this one passes over. */
  part(size: number): Reader {
    const start = this.take(size)
    return new Reader(this.bytes, this.view, start, this.offset)
  }

  /** Moves to a multiple of four, or to the end: the last of a run may lack its padding. */
  align(): void {
    this.offset = Math.min((this.offset + 3) & ~3, this.end)
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

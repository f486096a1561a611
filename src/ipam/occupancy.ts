// Which addresses of some ranges are taken, as far as is known: for each range how many, and a bit for each of its first addresses.
import type { Address } from '../ip/address.ts'
import { contains, type Range, size } from '../ip/range.ts'

/** As many addresses of a range have a bit. Beyond them only the attempt shows whether one is taken. */
const BITS_AT_MOST = 131_072

export interface Track {
  readonly range: Range
  readonly bits: Uint8Array
  used: number
}

export const bytesFor = (range: Range): number => Math.ceil(coveredOf(range) / 8)

export class Occupancy {
  readonly tracks: readonly Track[]

  constructor(tracks: readonly Track[]) {
    this.tracks = tracks
  }

  static of(ranges: readonly Range[], taken: readonly Address[]): Occupancy {
    const occupancy = new Occupancy(ranges.map(range => ({ range, bits: new Uint8Array(bytesFor(range)), used: 0 })))
    for (const address of taken) occupancy.set(address, true)
    return occupancy
  }

  set(address: Address, isTaken: boolean): void {
    const track = this.trackOf(address)
    if (track === undefined) return
    const i = bitOf(track.range, address)
    if (i !== undefined) {
      const byte = track.bits[i >> 3] ?? 0
      const bit = 1 << (i & 7)
      if (((byte & bit) !== 0) === isTaken) return
      track.bits[i >> 3] = byte ^ bit
    }
    track.used = Math.max(0, track.used + (isTaken ? 1 : -1))
  }

  /** The addresses of a run, itself inside one range, that are not known to be taken. */
  *free(run: Range): Generator<Address> {
    const track = this.trackOf(run.start)
    const { family } = run.start
    const base = track?.range.start.value ?? run.start.value
    const covered = track === undefined ? 0 : coveredOf(track.range)
    const end = run.end.value - base
    const known = end < covered ? Number(end) + 1 : covered
    const first = run.start.value - base
    for (let n = first < covered ? Number(first) : covered; n < known; n++) {
      const byte = track?.bits[n >> 3] ?? 0
      if (byte === 0xff) n |= 7
      else if ((byte & (1 << (n & 7))) === 0) yield { family, value: base + BigInt(n) }
    }
    for (let i = first < covered ? BigInt(covered) : first; i <= end; i++) yield { family, value: base + i }
  }

  trackOf(address: Address): Track | undefined {
    return this.tracks.find(({ range }) => contains(range, address))
  }
}

/** Which bit of its range an address has, if any. */
export function bitOf(range: Range, address: Address): number | undefined {
  const i = address.value - range.start.value
  return i < coveredOf(range) ? Number(i) : undefined
}

function coveredOf(range: Range): number {
  const all = size(range)
  return all < BITS_AT_MOST ? Number(all) : BITS_AT_MOST
}

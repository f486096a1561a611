// What spares a reading of the whole directory: which addresses are taken, in a file beside the reservations. A hint, believed only while it
// agrees with the directory. After each change of ours the directory's time of modification is set to one in the past that no other
// change can give it, and noted in the file; whoever else adds or removes a file there, podwire killed half way included, sets it to now.
import { closeSync, openSync, readFileSync, statSync, utimesSync, writeSync } from 'node:fs'
import type { Address } from '../ip/address.ts'
import type { Range } from '../ip/range.ts'
import { bitOf, bytesFor, Occupancy } from './occupancy.ts'

/** All in one page, so that the kernel writes it whole. */
const HEADER_LENGTH = 4096
const name = '.podwire-index'

interface Header {
  readonly version: 1
  readonly stamp: string
  readonly ranges: readonly (readonly [key: string, used: number])[]
}

/** What the index says, while it agrees with the directory. */
export function readIndex(directory: string): Occupancy | undefined {
  try {
    const file = readFileSync(`${directory}/${name}`)
    const { version, stamp, ranges }: Header = JSON.parse(file.toString('latin1', 0, HEADER_LENGTH))
    // Read first, compared after: a change in between shows.
    if (version !== 1 || stamp !== stampOf(directory)) return undefined
    let offset = HEADER_LENGTH
    const tracks = ranges.map(([key, used]) => {
      const range = rangeOf(key)
      const bits = file.subarray(offset, offset + bytesFor(range))
      offset += bytesFor(range)
      return { range, bits, used }
    })
    return offset === file.length ? new Occupancy(tracks) : undefined
  } catch {
    return undefined
  }
}

/** Makes the index agree with the directory as it is now. Without `changed` the whole is written. That it cannot be is no failure: it disagrees. */
export function writeIndex(directory: string, occupancy: Occupancy, changed?: readonly Address[]): void {
  try {
    const ranges = occupancy.tracks.map(({ range, used }) => [keyOf(range), used] as const)
    const fd = openSync(`${directory}/${name}`, changed === undefined ? 'w' : 'r+', 0o600)
    try {
      writeSync(fd, ' ', 0) // no header: agrees with nothing
      if (changed === undefined) writeBits(fd, occupancy)
      else writeChanged(fd, occupancy, changed)
      // Last, and after everything else: whatever stops us before leaves a file that disagrees.
      const header: Header = { version: 1, stamp: restamp(directory), ranges }
      const text = JSON.stringify(header).padEnd(HEADER_LENGTH)
      if (text.length === HEADER_LENGTH) writeSync(fd, text, 0, 'latin1')
    } finally {
      closeSync(fd)
    }
  } catch {}
}

function writeBits(fd: number, { tracks }: Occupancy): void {
  let offset = HEADER_LENGTH
  for (const { bits } of tracks) {
    writeSync(fd, bits, 0, bits.length, offset)
    offset += bits.length
  }
}

function writeChanged(fd: number, occupancy: Occupancy, changed: readonly Address[]): void {
  for (const address of changed) {
    let offset = HEADER_LENGTH
    const own = occupancy.trackOf(address)
    for (const { range, bits } of occupancy.tracks) {
      const bit = range === own?.range ? bitOf(range, address) : undefined
      if (bit !== undefined) writeSync(fd, bits, bit >> 3, 1, offset + (bit >> 3))
      offset += bits.length
    }
  }
}

function stampOf(directory: string): string {
  const { mtimeNs, ino } = statSync(directory, { bigint: true })
  return `${mtimeNs} ${ino}`
}

/** Two seconds to an hour ago: nothing that happens now has that time, nor has any earlier stamp but by a chance of one in 10¹⁰. */
function restamp(directory: string): string {
  const seconds = Date.now() / 1000 - 2 - Math.random() * 3600
  utimesSync(directory, seconds, seconds)
  return stampOf(directory)
}

/** Numbers are read and written faster than addresses. */
export const keyOf = ({ start, end }: Range): string =>
  `${start.family} ${start.value.toString(16)} ${end.value.toString(16)}`

function rangeOf(key: string): Range {
  const [family, start, end] = key.split(' ')
  const address = (digits = ''): Address => ({ family: family === '4' ? 4 : 6, value: BigInt(`0x${digits}`) })
  return { start: address(start), end: address(end) }
}

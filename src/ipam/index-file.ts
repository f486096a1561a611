// What spares a reading of the whole directory: which addresses are taken, in a file beside the reservations. A hint, believed only while it
// agrees with the directory. After each change of ours the directory's time of modification is set to one in the past that no other
// change can give it, and noted in the file; whoever else adds or removes a file there, podwire killed half way included, sets it to now.
import { closeSync, openSync, readFileSync, statSync, utimesSync, writeSync } from 'node:fs'
import { type Address, parseAddress } from '../ip/address.ts'
import { formatRange, type Range } from '../ip/range.ts'
import { bitOf, bytesFor, Occupancy } from './occupancy.ts'

/** All in one page, so that the kernel writes it whole. */
const HEADER_LENGTH = 4096
const name = '.podwire-index'

interface Header {
  readonly version: 1
  readonly stamp: string
  readonly ranges: readonly (readonly [range: string, used: number])[]
}

/** What the index says, while it agrees with the directory. */
export function readIndex(directory: string): Occupancy | undefined {
  try {
    const file = readFileSync(`${directory}/${name}`)
    const { version, stamp, ranges }: Header = JSON.parse(file.toString('latin1', 0, HEADER_LENGTH))
    // Read first, compared after: a change in between shows.
    if (version !== 1 || stamp !== stampOf(directory)) return undefined
    let offset = HEADER_LENGTH
    const tracks = ranges.map(([text, used]) => {
      const range = parseRange(text)
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
    const ranges = occupancy.tracks.map(({ range, used }) => [formatRange(range), used] as const)
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

function parseRange(text: string): Range {
  const [start = '', end = ''] = text.split('-')
  return { start: parseAddress(start), end: parseAddress(end) }
}

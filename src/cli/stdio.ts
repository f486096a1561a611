// The three streams that a plugin has, synchronously: whole in, whole out.
import { fstatSync, readSync, writeSync } from 'node:fs'
import { hasCode, Problem } from '../problem.ts'

const PIECE = 16_384
const PAUSE_MS = 1

/** Everything on stdin. */
export function readStdin(): string {
  const pieces: Buffer[] = []
  try {
    if (fstatSync(0).isDirectory()) throw new Error('it is a directory')
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const length = patiently(() => readSync(0, piece))
      if (length === 0) return Buffer.concat(pieces).toString()
      pieces.push(piece.subarray(0, length))
    }
  } catch (error) {
    throw new Problem(
      'INPUT_OUTPUT',
      `error reading from stdin: ${error instanceof Error ? error.message : error}`,
      '',
      error,
    )
  }
}

export function write(fd: 1 | 2, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) rest = rest.subarray(patiently(() => writeSync(fd, rest)))
}

/** The result, without which an ADD has not happened. */
export function answer(text: string): void {
  try {
    write(1, text)
  } catch (error) {
    throw new Problem(
      'INPUT_OUTPUT',
      `the result cannot be written to stdout: ${error instanceof Error ? error.message : error}`,
      '',
      error,
    )
  }
}

/** A pipe that somebody made non-blocking says EAGAIN when it is empty, or full. */
function patiently<T>(work: () => T): T {
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!hasCode(error, 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

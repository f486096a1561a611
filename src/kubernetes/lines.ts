// Whole lines of a stream of bytes: those that a chunk ends, together.
import { Problem } from '../problem.ts'

const longest = 16 * 1024 * 1024

export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  // Bytes, as a chunk may end in the midst of a character.
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(10)
    if (end >= 0) {
      const whole = Buffer.concat([...rest, chunk.subarray(0, end)])
      rest = []
      length = 0
      yield whole
        .toString()
        .split('\n')
        .filter(line => line !== '')
    }
    rest.push(chunk.subarray(end + 1))
    length += chunk.length - end - 1
    if (length > longest)
      throw new Problem('API_REFUSED', `the API server tells of a change in more than ${longest} bytes`)
  }
}

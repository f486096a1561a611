// Golden vectors against message tables: what a real tool sent is what the value that means the same encodes to, and back.
import t from 'tap'
import type { Codec } from '../netlink/codec.ts'
import { type Envelope, encode, messages } from '../netlink/message.ts'
import { NLMSG_DONE } from '../netlink/verdict.ts'
import { readGolden } from './golden.ts'

type Decoded<T> = Envelope & { readonly value: T }

/** Requests: golden/<name>.txt beside the test file, for each value. */
export function testWire<T>(testFile: string, codec: Codec<T>, values: Readonly<Record<string, T>>): void {
  for (const [name, value] of Object.entries(values)) {
    const { command, datagrams } = readGolden(name, testFile)
    t.test(command, async t => {
      const [bytes = Buffer.alloc(0)] = datagrams
      const [message, ...more] = decoded(bytes, codec)
      if (message === undefined) throw new Error('the capture holds no message')
      t.same(more, [], 'one message')
      t.same(message.value, value, 'decodes to the value')
      t.same(dump(encode(message, codec, value)), dump(bytes), 'the value encodes to the bytes')
      t.same(
        damages(bytes, damaged => decoded(damaged, codec)),
        [],
        'cut or flipped anywhere, decodes or throws RangeError',
      )
    })
  }
}

/** Answers of the kernel: what matters of each message; whatever else it says must survive a round trip. */
export function testReplies<T>(testFile: string, codec: Codec<T>, values: Readonly<Record<string, object[]>>): void {
  for (const [name, expected] of Object.entries(values)) {
    const { command, datagrams } = readGolden(name, testFile)
    t.test(command, async t => {
      const received = datagrams.flatMap(bytes => decoded(bytes, codec))
      t.match(
        received.map(message => message.value),
        expected,
        'decodes to the values',
      )
      t.equal(received.length, expected.length, 'as many as there are')
      for (const message of received) {
        // Not to the same bytes: the kernel ends an alias and a kind with NUL, and takes them without.
        const [again] = decoded(encode(message, codec, message.value), codec)
        t.same(again?.value, message.value, 'what else it says survives')
      }
      for (const bytes of datagrams)
        t.same(
          damages(bytes, damaged => decoded(damaged, codec)),
          [],
          'cut or flipped anywhere, decodes or throws RangeError',
        )
    })
  }
}

const decoded = <T>(bytes: Uint8Array, codec: Codec<T>): Decoded<T>[] =>
  Array.from(messages(bytes))
    .filter(message => message.type !== NLMSG_DONE)
    .map(({ body, ...envelope }) => ({ ...envelope, value: codec.read(body) }))

/** Four bytes a line, as `nft --debug=mnl` prints them: a failing diff points at one attribute. */
export const dump = (bytes: Buffer): string[] => bytes.toString('hex').match(/.{1,8}/g) ?? []

/** Cuts the bytes at every length, and flips each of them: what comes of it may be nonsense, or a RangeError, and nothing else. */
export function damages(bytes: Buffer, decode: (damaged: Buffer) => unknown): string[] {
  const wrong: string[] = []
  for (let at = 0; at < bytes.length; at++) {
    const cases: Record<string, Buffer> = { cut: bytes.subarray(0, at) }
    for (const mask of [0xff, 0x01]) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8((bytes[at] ?? 0) ^ mask, at)
      cases[`xor ${mask}`] = flipped
    }
    for (const [kind, damaged] of Object.entries(cases)) {
      try {
        decode(damaged)
      } catch (error) {
        if (!(error instanceof RangeError)) wrong.push(`${kind} at ${at}: ${String(error)}`)
      }
    }
  }
  return wrong
}

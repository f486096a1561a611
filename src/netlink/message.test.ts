import t from 'tap'
import { struct } from './codec.ts'
import { body, encode, messages } from './message.ts'
import { text, u32 } from './scalar.ts'

const codec = body(struct({ index: u32 }), { name: [3, text] })
const envelope = { type: 16, flags: 5, sequence: 7, port: 9 }
const message = encode(envelope, codec, { index: 3, attributes: { name: 'eth0' } })

t.test('writes the length that the message has', async t => {
  t.equal(message.readUInt32LE(), message.length)
  t.equal(message.length, 16 + 4 + 12)
})

t.test('reads the messages of a datagram one after the other', async t => {
  const read = Array.from(messages(Buffer.concat([message, message])), ({ body, ...rest }) => [rest, codec.read(body)])
  const one = [envelope, { index: 3, attributes: { name: 'eth0' } }]
  t.same(read, [one, one])
})

t.test('takes a last message whose length is no multiple of four', async t => {
  const unpadded = Buffer.from(message.subarray(0, -3))
  unpadded.writeUInt32LE(unpadded.length)
  const read = Array.from(messages(Buffer.concat([message, unpadded])), ({ body }) => codec.read(body))
  t.same(
    read.map(value => value.attributes.name),
    ['eth0', 'eth0'],
  )
})

t.test('refuses a message that ends before it says', async t => {
  for (const cut of [1, 12, 20]) {
    t.throws(() => Array.from(messages(message.subarray(0, -cut))), RangeError, `${cut} bytes less`)
  }
})

t.test('refuses a length that does not cover the header, which would never end', async t => {
  for (const length of [0, 15]) {
    const wrong = Buffer.from(message)
    wrong.writeUInt32LE(length)
    t.throws(() => Array.from(messages(wrong)), RangeError, `${length}`)
  }
})

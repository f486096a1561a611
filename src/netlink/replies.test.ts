import t from 'tap'
import { readGolden } from '../testing/golden.ts'
import { struct } from './codec.ts'
import { body, messages } from './message.ts'
import { type Datagram, replies } from './replies.ts'
import { bytes, u32 } from './scalar.ts'

const ANY = body(struct({ first: u32, second: u32 }), { address: [1, bytes] })
const NLM_F_DUMP_INTR = 0x10

// What the kernel answered `ip address show`: four addresses in one datagram, NLMSG_DONE in the next.
const dump = readGolden('address-list', new URL('../rtnetlink/', import.meta.url).href).datagrams

function questionOf(datagram: Uint8Array | undefined) {
  const [message] = messages(datagram ?? Buffer.alloc(0))
  if (message === undefined) throw new Error('no message')
  return { operation: 'list addresses', sequence: message.sequence }
}

const question = questionOf(dump[0])

/** Reads from datagrams one after the other, all in the same buffer as a connection has it. */
function answer(datagrams: readonly (Uint8Array | Datagram)[], asked = question) {
  const left = [...datagrams]
  const buffer = Buffer.alloc(4096)
  const receive = (): Datagram => {
    const next = left.shift()
    if (next === undefined) throw new Error('read past the end of the answer')
    const { bytes, sender } = 'sender' in next ? next : { bytes: next, sender: 0 }
    buffer.fill(0).set(bytes)
    return { bytes: buffer.subarray(0, bytes.length), sender }
  }
  return replies(asked, receive, from => ANY.read(from).attributes.address)
}

function changed(bytes: Uint8Array | undefined, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes ?? [])
  change(copy)
  return copy
}

const local = Uint8Array.of(127, 0, 0, 1)

t.test('reads to the end, though each datagram comes in the buffer of the one before', async t => {
  const { values, isInterrupted } = answer([...dump, ...dump])
  t.equal(values.length, 4)
  t.same(values[0], local)
  t.equal(isInterrupted, false)
})

t.test('an empty answer is an answer', async t => {
  t.same(answer(dump.slice(1)).values, [])
})

t.test('passes over what others sent, and what belongs to another question', async t => {
  const [first, last] = dump as [Buffer, Buffer]
  const strangers = [{ bytes: last, sender: 4711 }, changed(last, copy => copy.writeUInt32LE(question.sequence - 1, 8))]
  for (const stranger of strangers) t.equal(answer([stranger, first, stranger, last]).values.length, 4)
})

t.test('tells that the table changed while it was read, whichever message says so', async t => {
  const [first, last] = dump as [Buffer, Buffer]
  const mark = (copy: Buffer) => copy.writeUInt16LE(copy.readUInt16LE(6) | NLM_F_DUMP_INTR, 6)
  t.equal(answer([changed(first, mark), last]).isInterrupted, true)
  t.equal(answer([first, changed(last, mark)]).isInterrupted, true)
})

t.test('an error at the end of a dump is an error', async t => {
  const [first, last] = dump as [Buffer, Buffer]
  const failed = changed(last, copy => copy.writeInt32LE(-105, 16))
  t.throws(() => answer([first, failed]), { name: 'NetlinkError', code: 'ENOBUFS', operation: 'list addresses' })
})

t.test('a dump of an old kernel ends without an errno', async t => {
  const [first, last] = dump as [Buffer, Buffer]
  const bare = changed(last.subarray(0, 16), copy => copy.writeUInt32LE(16))
  t.equal(answer([first, bare]).values.length, 4)
})

t.test('a message that ends before it says is an error, never a short answer', async t => {
  const [first] = dump as [Buffer]
  t.throws(() => answer([first.subarray(0, -4), ...dump]), RangeError)
})

t.test('lost messages are an error', async t => {
  const [, last] = dump as [Buffer, Buffer]
  const overrun = changed(last, copy => copy.writeUInt16LE(4, 4))
  t.throws(() => answer([overrun]), { name: 'NetlinkError', code: 'EOVERFLOW' })
})

t.test('an acknowledgement ends a request', async t => {
  const { command, datagrams } = readGolden('acknowledged-link', import.meta.url)
  t.same(answer(datagrams, questionOf(datagrams[0])), { values: [], isInterrupted: false }, command)
})

t.test('a refusal says what the kernel says of it', async t => {
  const { datagrams } = readGolden('refused-route', import.meta.url)
  t.throws(() => answer(datagrams, { ...questionOf(datagrams[0]), operation: 'add route 10.0.0.9/32' }), {
    name: 'NetlinkError',
    code: 'ENETUNREACH',
    operation: 'add route 10.0.0.9/32',
    sequence: questionOf(datagrams[0]).sequence,
    message: 'add route 10.0.0.9/32: ENETUNREACH, Nexthop has invalid gateway',
  })
})

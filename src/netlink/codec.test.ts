import t from 'tap'
import { Reader, Writer } from './bytes.ts'
import { attributes, type Codec, list, nested, select, struct } from './codec.ts'
import { bareText, be16, be32, be32signed, be64, bytes, text, u8, u16, u32 } from './scalar.ts'

const table = attributes({ name: [1, text], mtu: [2, u32] })

function written<T>(codec: Codec<T>, value: T): string {
  const to = new Writer()
  codec.write(to, value)
  return to.finish().toString('hex')
}

const read = <T>(codec: Codec<T>, hex: string): T => codec.read(Reader.of(Buffer.from(hex, 'hex')))

t.test('keeps an attribute it does not know, under its number, flags and all', async t => {
  for (const unknown of ['06006300abcd0000', '06006380abcd0000']) {
    const hex = `08000200aa050000${unknown}`
    const value = read(table, hex)
    t.equal(value.mtu, 1450)
    t.equal(written(table, value), hex)
  }
  t.same(read(table, '06006300abcd0000'), { '#99': Uint8Array.of(0xab, 0xcd) })
})

t.test('refuses a length shorter than the attribute header, which would never end', async t => {
  for (const length of ['0000', '0300']) t.throws(() => read(table, `${length}010000000000`), RangeError)
})

t.test('takes the last attribute without its padding', async t => {
  t.same(read(attributes({ flag: [1, u8] }), '0500010007'), { flag: 7 })
})

t.test('knows an attribute whatever its two flag bits say, and sets the flag that a table asks for', async t => {
  const info = attributes({ data: [2, nested(table)], plain: [3, table] })
  const hex = '0c00028008000200aa050000' + '0c00030008000200aa050000'
  const value = { data: { mtu: 1450 }, plain: { mtu: 1450 } }
  t.same(read(info, hex), value)
  t.equal(written(info, value), hex)
  t.same(read(info, hex.replace('0280', '0200').replace('0300', '0340')), value)
})

t.test('reads a text with or without its NUL', async t => {
  for (const codec of [text, bareText]) {
    t.equal(read(codec, Buffer.from('veth').toString('hex')), 'veth')
    t.equal(read(codec, Buffer.from('veth\0').toString('hex')), 'veth')
  }
  t.equal(written(text, 'veth'), '7665746800')
  t.equal(written(bareText, 'veth'), '76657468')
})

t.test('grows past its first buffer', async t => {
  const long = 'x'.repeat(10_000)
  t.equal(read(table, written(table, { name: long })).name, long)
})

t.test('selects a codec by a sibling, and keeps bytes when it knows none', async t => {
  const info = attributes({ kind: [1, bareText], data: [2, select('kind', { veth: table })] })
  for (const value of [
    { kind: 'veth', data: { name: 'eth0' } },
    { kind: 'wireguard', data: Uint8Array.of(1, 2, 3) },
    { kind: 'constructor', data: Uint8Array.of(1, 2, 3) },
  ]) {
    t.same(read(info, written(info, value)), value, value.kind)
  }
})

t.test('leaves out an attribute that is undefined, and refuses one that is in no table', async t => {
  t.equal(written(table, { name: undefined, mtu: 1 }), '0800020001000000')
  t.throws(() => written(table, { nmae: 'eth0' } as object), { name: 'TypeError', message: /nmae/ })
})

t.test('refuses a number that does not fit, and a struct that is cut', async t => {
  const point = struct({ x: u8, y: u16 })
  t.throws(() => written(point, { x: 256, y: 0 }), RangeError)
  t.throws(() => written(point, { x: 0, y: -1 }), RangeError)
  t.throws(() => read(point, '0102'), RangeError)
  t.same(read(point, '010203'), { x: 1, y: 0x0302 })
})

t.test('copies bytes out of the buffer that they came in', async t => {
  const buffer = Buffer.from('06000100abcd0000', 'hex')
  const value = attributes({ raw: [1, bytes] }).read(Reader.of(buffer))
  buffer.fill(0)
  t.same(value.raw, Uint8Array.of(0xab, 0xcd))
})

t.test('writes a list as attributes of one type, or numbered, and reads it whatever their types', async t => {
  const plain = list(nested(attributes({ flag: [1, u8] })))
  const numbered = list(nested(attributes({ flag: [1, u8] })), { isNumbered: true })
  const value = [{ flag: 7 }, { flag: 8 }]
  t.equal(written(plain, value), '0c0001800500010007000000' + '0c0001800500010008000000')
  t.equal(written(numbered, value), '0c0001800500010007000000' + '0c0002800500010008000000')
  t.same(read(plain, written(numbered, value)), value)
  t.throws(() => read(plain, '03000180'), RangeError, 'one that would never end')
})

t.test('refuses an attribute longer than its length can say', async t => {
  const raw = attributes({ raw: [1, bytes] })
  t.equal(written(raw, { raw: new Uint8Array(0xffff - 4) }).slice(0, 4), 'ffff')
  t.throws(() => written(raw, { raw: new Uint8Array(0xffff - 3) }), RangeError)
})

t.test('writes numbers in network order where the table says so', async t => {
  t.equal(written(be16, 0x1f90), '1f90')
  t.equal(written(be32, 0xfffffffd), 'fffffffd')
  t.equal(written(be32signed, -100), 'ffffff9c')
  t.equal(written(be64, 5000), '0000000000001388')
  t.equal(read(be32signed, 'ffffff9c'), -100)
  t.equal(read(be64, '0020000000000001'), 2 ** 53)
})

import t from 'tap'
import { formatListenAddress, parseListenAddress } from './listen-address.ts'

t.test('reads an address and a port, and writes them the same way', async t => {
  for (const [text, host, port] of [
    ['127.0.0.1:9912', '127.0.0.1', 9912],
    ['[::1]:80', '::1', 80],
    [':9912', undefined, 9912],
    ['0.0.0.0:0', '0.0.0.0', 0],
  ] as const) {
    const parsed = parseListenAddress(text)
    t.strictSame(parsed, { host, port }, text)
    t.equal(parsed && formatListenAddress(parsed), text)
  }
  t.equal(parseListenAddress('none'), undefined)
})

t.test('says what it wants where it gets something else', async t => {
  for (const text of [
    '',
    '9912',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:80',
    '[127.0.0.1]:80',
    'node:80',
    '[]:80',
  ])
    t.throws(
      () => parseListenAddress(text),
      { code: 'CONFIG_INVALID', message: /as in 127.0.0.1:9912, or none$/ },
      text,
    )
})

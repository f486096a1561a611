import t from 'tap'
import { ip, mac } from './address.ts'
import { Reader, Writer } from './bytes.ts'
import type { Codec } from './codec.ts'

function hexOf(codec: Codec<string>, value: string): string {
  const to = new Writer()
  codec.write(to, value)
  return to.finish().toString('hex')
}

const addresses: [codec: Codec<string>, text: string, hex: string][] = [
  [ip, '10.0.0.7', '0a000007'],
  [ip, '0.0.0.0', '00000000'],
  [ip, 'fd00::7', 'fd000000000000000000000000000007'],
  [ip, '::', '00000000000000000000000000000000'],
  [mac, '02:00:00:00:00:a0', '0200000000a0'],
  [mac, '0a:00:00:01', '0a000001'],
]

for (const [codec, text, hex] of addresses) {
  t.equal(hexOf(codec, text), hex, text)
  t.equal(codec.read(Reader.of(Buffer.from(hex, 'hex'))), text, hex)
}

t.throws(() => ip.read(Reader.of(Buffer.alloc(5))), RangeError, 'no address has five bytes')
for (const text of ['', '02:0', '02:00:00:00:00:0g', '0200.0000.00a0', '02:00:00:00:00:a0:']) {
  t.throws(() => hexOf(mac, text), RangeError, `"${text}" is no MAC address`)
}
for (const text of ['', '10.0.0', '10.0.0.256', 'fd00:::7']) {
  t.throws(() => hexOf(ip, text), RangeError, `"${text}" is no IP address`)
}

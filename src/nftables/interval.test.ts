import t from 'tap'
import { formatInterval, parseInterval, predecessor, successor } from './interval.ts'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

t.test('reads prefixes, ranges and single values, and writes them so again', async t => {
  const cases = [
    ['ipv4_addr', '10.0.0.0/8', '0a000000', '0affffff'],
    ['ipv4_addr', '0.0.0.0/0', '00000000', 'ffffffff'],
    ['ipv4_addr', '10.0.0.0/31', '0a000000', '0a000001'],
    ['ipv4_addr', '10.0.0.1', '0a000001', '0a000001'],
    ['ipv4_addr', '10.0.0.1-10.0.0.2', '0a000001', '0a000002'],
    ['ipv6_addr', 'fd00::/9', `fd${'0'.repeat(30)}`, `fd7f${'f'.repeat(28)}`],
    ['inet_service', 80, '0050', '0050'],
    ['inet_service', '80-81', '0050', '0051'],
    ['inet_service', '0-65535', '0000', 'ffff'],
    ['ifname', 'a-b', `612d62${'0'.repeat(26)}`, `612d62${'0'.repeat(26)}`],
    ['inet_proto', 'ipv6-icmp', '3a', '3a'],
  ] as const
  for (const [type, text, from, to] of cases) {
    const interval = { from: hex(from), to: hex(to) }
    t.same(parseInterval(type, text), interval, `${text}`)
    t.equal(formatInterval(type, interval), text)
  }
})

t.test('a prefix with host bits is that of its network, and one address is no range', async t => {
  t.equal(formatInterval('ipv4_addr', parseInterval('ipv4_addr', '10.1.2.3/8')), '10.0.0.0/8')
  t.equal(formatInterval('ipv4_addr', parseInterval('ipv4_addr', '10.1.2.3/32')), '10.1.2.3')
  t.equal(formatInterval('ipv4_addr', parseInterval('ipv4_addr', '10.0.0.0-10.0.0.255')), '10.0.0.0/24')
})

t.test('what comes after and before', async t => {
  t.same(successor(hex('0affffff')), hex('0b000000'))
  t.equal(successor(hex('ffff')), undefined)
  t.same(predecessor(hex('0b000000')), hex('0affffff'))
})

t.test('refuses what is none', async t => {
  for (const text of ['10.0.0.0/33', '10.0.0.2-10.0.0.1', '10.0.0/8', '10.0.0.1-', 'fd00::/8', '10.0.0.1-fd00::'])
    t.throws(() => parseInterval('ipv4_addr', text), RangeError, text)
  for (const text of ['90-80', '80-x', '1-65536', -1, '1.5-2'])
    t.throws(() => parseInterval('inet_service', text), RangeError, `${text}`)
})

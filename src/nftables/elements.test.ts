import t from 'tap'
import { messages } from '../netlink/message.ts'
import { NLMSG_DONE } from '../netlink/verdict.ts'
import { testBatch } from '../testing/batch.ts'
import { readGolden } from '../testing/golden.ts'
import { testReplies } from '../testing/wire.ts'
import { decodeElements, type Element } from './element.ts'
import { type Elements, elementsMessage, encodeElements } from './elements.ts'
import type { NftSet } from './set.ts'

type Message = ReturnType<typeof encodeElements>[number]

const within = { kind: 'set', family: 'inet', table: 'podwire' } as const
const pods = { ...within, name: 'pods', key: ['ipv4_addr'] } as const
const senders = { ...within, name: 'senders', key: ['ifname', 'ipv6_addr'] } as const
const except = { ...within, name: 'except', key: ['ipv4_addr'], isInterval: true } as const
const allowed = { ...within, name: 'allowed', key: ['ipv4_addr', 'inet_service'], isInterval: true } as const
const recent = { ...within, name: 'recent', key: ['ipv4_addr'], timeoutMs: 0 } as const
const chains = { ...within, name: 'chains', key: ['ifname'], value: 'verdict' } as const
const ports = {
  ...within,
  name: 'ports',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  value: ['ipv4_addr', 'inet_service'],
} as const

const of = (set: NftSet, ...elements: Element[]): Elements => ({ kind: 'elements', set, elements })

const read = (set: NftSet, messages: readonly Message[]): Element[] =>
  decodeElements(
    set,
    messages.flatMap(({ attributes }) => attributes.elements ?? []),
  )

testBatch(import.meta.url, {
  'element-add': ['add', of(pods, { key: ['10.244.1.5'], comment: 'default/web' })],
  'element-create': ['create', of(pods, { key: ['10.244.1.5'] })],
  'element-delete': ['delete', of(pods, { key: ['10.244.1.5'], comment: 'default/web' })],
  'element-add-concatenation': ['add', of(senders, { key: ['pwabc', 'fd00::5'] })],
  'element-add-interval': [
    'add',
    of(except, { key: ['172.16.0.0/12'] }, { key: ['192.168.0.1-192.168.0.9'], comment: 'some' }),
  ],
  'element-delete-interval': ['delete', of(except, { key: ['10.0.0.0/8'] })],
  'element-add-interval-concatenation': [
    'add',
    of(allowed, { key: ['10.0.0.0/12', '80-90'] }, { key: ['10.99.0.1', 53] }),
  ],
  'element-add-timeout': ['add', of(recent, { key: ['10.0.0.1'], timeoutMs: 5000 })],
  'element-add-map': [
    'add',
    of(ports, { key: ['192.0.2.1', 'tcp', 8080], value: ['10.244.1.5', 80], comment: 'default/web' }),
  ],
  'element-add-verdict': ['add', of(chains, { key: ['pwabc'], value: 'jump here' })],
})

testReplies(import.meta.url, elementsMessage, {
  'element-list-comment': [{ attributes: { set: 'pods', elements: [{ key: {} }] } }, { attributes: { set: 'pods' } }],
})

t.test('reads what the kernel lists', async t => {
  const chainMap = { ...allowed, name: 'chains', value: 'verdict' } as const
  const cases: Record<string, [NftSet, Element[]]> = {
    'element-list-comment': [pods, [{ key: ['10.244.1.5'], comment: 'default/web' }]],
    'element-list-interval': [
      except,
      [{ key: ['10.0.0.0/8'] }, { key: ['192.168.0.1-192.168.0.9'], comment: 'some' }, { key: ['240.0.0.0/4'] }],
    ],
    'element-list-map': [ports, [{ key: ['192.0.2.1', 'tcp', 8080], value: ['10.244.1.5', 80] }]],
    'element-list': [chainMap, [{ key: ['10.0.0.0/12', '80-90'], value: 'jump other' }]],
  }
  for (const [name, [set, elements]] of Object.entries(cases)) {
    const { datagrams } = readGolden(name, import.meta.url)
    const found = datagrams
      .flatMap(bytes => Array.from(messages(bytes)))
      .filter(({ type }) => type !== NLMSG_DONE)
      .map(({ body }) => elementsMessage.read(body))
    t.same(read(set, found), elements, name)
  }
})

t.test('reads back what it wrote', async t => {
  const cases: Elements[] = [
    of(
      except,
      { key: ['0.0.0.0/1'] },
      { key: ['128.0.0.0-128.0.0.2'] },
      { key: ['128.0.0.3'] },
      { key: ['255.255.255.255'] },
    ),
    of({ ...except, key: ['ipv6_addr'] }, { key: ['fd00::/8'] }, { key: ['fe00::-fe00::1:0'] }),
    of({ ...except, key: ['inet_service'] }, { key: [53] }, { key: ['80-90'] }, { key: ['1024-65535'] }),
    of(allowed, { key: ['0.0.0.0/0', '0-65535'] }),
    of(chains, { key: ['a-b'], value: 'accept' }, { key: ['c'], value: 'goto elsewhere', comment: 'x' }),
    of(
      ports,
      { key: ['192.0.2.1', 'udp', 53], value: ['10.0.0.1', 5353] },
      { key: ['192.0.2.1', 99, 1], value: ['0.0.0.0', 1] },
    ),
    of({ ...recent, timeoutMs: 1000 }, { key: ['10.0.0.1'], timeoutMs: 5000 }, { key: ['10.0.0.2'] }),
  ]
  for (const elements of cases) {
    t.same(read(elements.set, encodeElements(elements)), elements.elements, elements.set.name)
  }
})

t.test('thousands of elements take several messages, each short enough', async t => {
  const elements = Array.from({ length: 5000 }, (_, i) => ({
    key: [`10.0.${i >> 8}.${i & 255}`],
    comment: 'x'.repeat(i % 250),
  }))
  const encoded = encodeElements(of(pods, ...elements))
  t.ok(encoded.length > 10 && encoded.length < 60, `${encoded.length} messages`)
  t.same(read(pods, encoded), elements)
})

t.test('says which value does not fit', async t => {
  const refused: [Elements, RegExp][] = [
    [of(pods, { key: ['fd00::1'] }), /fd00::1 does not take 4 bytes/],
    [of(pods, { key: ['10.0.0.1', 80] }), /\[10\.0\.0\.1,80\] is not of the types ipv4_addr/],
    [of(pods, { key: ['10.0.0.1'], value: 'accept' }), /pods is a set/],
    [of(chains, { key: ['a'], value: ['10.0.0.1'] }), /chains does not map to 10\.0\.0\.1/],
    [of(chains, { key: ['a'], value: 'jump ' }), /no verdict "jump "/],
    [of(chains, { key: ['sixteen-letters-'], value: 'drop' }), /"sixteen-letters-"/],
    [of(ports, { key: ['10.0.0.1', 'tcpp', 80], value: ['10.0.0.1', 80] }), /"tcpp" is not one of icmp,tcp,udp/],
    [of(ports, { key: ['10.0.0.1', 'tcp', 65536], value: ['10.0.0.1', 80] }), /65536 is not in 0\.\.65535/],
    [of(except, { key: ['10.0.0.9-10.0.0.1'] }), /ends before it begins/],
    [of(except, { key: ['10.0.0.0/33'] }), /33 bits in an address of 32/],
    [of(pods, { key: ['10.0.0.1'], comment: 'x'.repeat(255) }), /a comment of 255 bytes/],
  ]
  for (const [elements, message] of refused) t.throws(() => encodeElements(elements), { message })
})

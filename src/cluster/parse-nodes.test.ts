import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import type { ClusterNode } from './node.ts'
import { nothingKnown, parseNodes } from './parse-nodes.ts'

const written = ({ name, addresses, podCidrs }: ClusterNode) =>
  [name, ...addresses.map(formatAddress), ...podCidrs.map(formatPrefix)].join(' ')
const parsed = (text: string) => parseNodes(text, nothingKnown)

t.test('reads JSON and YAML, at the top or under "nodes"', async t => {
  const json =
    '[{"name":"a","addresses":["192.0.2.1","2001:db8::1"],"podCIDRs":["10.244.1.0/24","fd00:10:244:1::/64"]}]'
  const yaml = 'name: a\n  addresses: [192.0.2.1, "2001:db8::1"]\n  podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"]\n'
  for (const text of [json, `{"nodes":${json}}`, `- ${yaml}`, `nodes:\n- ${yaml}`]) {
    const { nodes, problems } = parsed(text)
    t.strictSame(nodes.map(written), ['a 192.0.2.1 2001:db8::1 10.244.1.0/24 fd00:10:244:1::/64'], text)
    t.strictSame(problems, [])
  }
})

t.test('a node that did not change is the same object', async t => {
  const first = parsed('[{"name":"a"},{"name":"b"}]')
  const second = parseNodes('[{"name":"b"},{"name":"a","addresses":["192.0.2.1"]}]', first.known)
  t.equal(second.nodes[0], first.nodes[1])
  t.not(second.nodes[1], first.nodes[0])
})

t.test('however the list changes, who is written as before is the same object', async t => {
  const entry = fc.constantFrom('a', 'b', 'c', 'd').map(name => ({ name }))
  const lists = fc.array(fc.uniqueArray(entry, { maxLength: 4, selector: ({ name }) => name }), { maxLength: 6 })
  fc.assert(
    fc.property(lists, lists => {
      let last = parsed('[]')
      for (const list of lists) {
        const next = parseNodes(JSON.stringify(list), last.known)
        const before = new Map(last.nodes.map(node => [node.name, node]))
        for (const [at, { name }] of list.entries()) {
          const node = next.nodes[at]
          if (node?.name !== name || (before.get(name) ?? node) !== node) throw new Error(name)
        }
        last = next
      }
    }),
  )
  t.pass()
})

t.test('of a changed text only what changed is another node, however it is laid out', async t => {
  const entries = ['a', 'b', 'c'].map(name => ({ name, podCIDRs: ['10.244.1.0/24', 'fd00::/64'] }))
  const moved = entries.with(1, { name: 'b', podCIDRs: ['10.244.2.0/24'] })
  for (const layOut of [
    (list: unknown) => JSON.stringify(list),
    (list: unknown) => JSON.stringify(list, null, 2),
    (list: unknown) => `{ "nodes": ${JSON.stringify(list, null, '\t')} }\n`,
    (list: unknown) => JSON.stringify({ kind: {}, nodes: list }),
    (list: unknown) => stringify(list),
  ]) {
    const first = parsed(layOut(entries))
    const second = parseNodes(layOut(moved), first.known)
    t.strictSame(second.nodes.map(written), [
      'a 10.244.1.0/24 fd00::/64',
      'b 10.244.2.0/24',
      'c 10.244.1.0/24 fd00::/64',
    ])
    t.strictSame(
      second.nodes.map((node, at) => node === first.nodes[at]),
      [true, false, true],
      layOut(entries),
    )
  }
})

t.test('what stands beside the list is no part of it', async t => {
  const nodes = [{ name: 'a', podCIDRs: ['10.244.1.0/24'] }]
  for (const beside of [
    { kind: {} },
    { kind: { name: 'b' } },
    { former: [{ name: 'b', podCIDRs: ['10.244.1.0/24'] }] },
  ]) {
    const { nodes: found, problems } = parsed(JSON.stringify({ ...beside, nodes }))
    t.strictSame([found.map(written), problems], [['a 10.244.1.0/24'], []], JSON.stringify(beside))
    const { nodes: others } = parsed(JSON.stringify({ nodes: [...nodes, 0], ...beside }))
    t.strictSame(others.map(written), ['a 10.244.1.0/24'])
  }
})

t.test('braces in a name end no entry', async t => {
  for (const name of ['a}', '{', 'a{}', '},{', 'a},{"name":"b', '{"name":"b"}', '"}', '\\"},{\\"']) {
    const nodes = [{ name: 'first' }, { name }, { name: 'last' }]
    for (const text of [JSON.stringify(nodes), JSON.stringify(nodes, null, 2)])
      t.strictSame(
        parsed(text).nodes.map(node => node.name),
        nodes.map(node => node.name),
        text,
      )
  }
  // Whatever a text is, it means what JSON says.
  const piece = fc.constantFrom(
    '{',
    '}',
    ',',
    '"',
    '\\',
    '"name":',
    '"a"',
    '[',
    ']',
    ' ',
    '{"name":"b"}',
    '0',
    '-',
    '.',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const text = `[${pieces.join('')}]`
      const expected = namesIn(text)
      const found = expected === undefined ? undefined : parsed(text).nodes.map(({ name }) => name)
      if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${found}, not ${expected}`)
    }),
    { numRuns: 20_000 },
  )
})

/** Undefined where it is no JSON. */
function namesIn(text: string): string[] | undefined {
  try {
    const entries: unknown[] = JSON.parse(text)
    return entries.map(entry => Object(entry).name).filter(name => typeof name === 'string' && name !== '')
  } catch {
    return undefined
  }
}

t.test('when a node was made', async t => {
  t.match(parsed('[{"name":"a","createdAt":"1970-01-01T00:00:01Z"}]').nodes, [{ createdAtMs: 1000 }])
  t.notOk('createdAtMs' in (parsed('[{"name":"a"}]').nodes[0] ?? {}))
})

t.test('leaves out what makes no sense, by name or number, and keeps the rest', async t => {
  const cases: Record<string, string> = {
    '{"addresses":[]}': 'node number 1: no name',
    '{"name":"b","addresses":["10.0.0.256"]}': 'node b: "10.0.0.256" in addresses is no IP address',
    '{"name":"b","addresses":"10.0.0.1"}': 'node b: addresses is no list of texts',
    '{"name":"b","podCIDRs":[7]}': 'node b: podCIDRs is no list of texts',
    '{"name":"b","podCIDRs":["10.0.0.0"]}': 'node b: invalid CIDR address: 10.0.0.0',
    '{"name":"b","createdAt":"soon"}': 'node b: createdAt "soon" is no time',
    '{"name":7}': 'node number 1: no name',
    null: 'node number 1: not an object',
    '"b"': 'node number 1: not an object',
  }
  for (const [entry, message] of Object.entries(cases)) {
    const { nodes, problems } = parsed(`[${entry},{"name":"c"}]`)
    t.strictSame(
      nodes.map(({ name }) => name),
      ['c'],
      entry,
    )
    t.match(problems, [{ code: 'NODE_INVALID', message }])
  }
})

t.test('refuses what is no list', async t => {
  for (const text of ['', ' \n', '{}', '7', 'nodes: 7', '[{"name":"a"}', '- name: [a', '{"nodes":', 'a: b: c'])
    t.throws(() => parsed(text), text)
})

t.test('a megabyte of noise is refused within a second or two', async t => {
  const start = performance.now()
  for (const noise of [randomBytes(1 << 20).toString('latin1'), randomBytes(1 << 20).toString(), '-'.repeat(1 << 20)])
    t.throws(() => parsed(noise))
  t.ok(performance.now() - start < 6000, `${performance.now() - start} ms`)
})

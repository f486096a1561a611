import { randomBytes } from 'node:crypto'
import t from 'tap'
import { formatAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import type { ClusterNode } from './node.ts'
import { parseNodes } from './parse-nodes.ts'

const written = ({ name, addresses, podCidrs }: ClusterNode) =>
  [name, ...addresses.map(formatAddress), ...podCidrs.map(formatPrefix)].join(' ')
const parsed = (text: string) => parseNodes(text, new Map())

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

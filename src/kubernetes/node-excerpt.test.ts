import fc from 'fast-check'
import t from 'tap'
import { clusterNode } from './cluster-node.ts'
import { nodeExcerpt } from './node-excerpt.ts'

const metadata = {
  name: 'worker',
  uid: 'b7',
  resourceVersion: '1234',
  creationTimestamp: '2026-01-02T03:04:05Z',
  labels: { 'kubernetes.io/os': 'linux' },
  annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
  managedFields: [{ manager: 'kubelet', fieldsV1: { 'f:spec': { 'f:podCIDRs': { '.': {}, 'v:"10.9.0.0/24"': {} } } } }],
}
const spec = { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'], providerID: 'kind://a' }
const status = {
  capacity: { cpu: '8' },
  conditions: [{ type: 'Ready', status: 'True' }],
  addresses: [
    { type: 'InternalIP', address: '172.18.0.3' },
    { type: 'Hostname', address: 'worker' },
  ],
  images: [{ names: ['a'], sizeBytes: 1 }],
}
const node = { metadata, spec, status }
const read = (object: unknown) => nodeExcerpt(JSON.stringify(object))

t.test('is what we use of a node, and nothing else', async t => {
  const { name, resourceVersion: version, creationTimestamp } = metadata
  const expected = {
    metadata: { name, creationTimestamp },
    spec: { podCIDRs: spec.podCIDRs },
    status: { addresses: status.addresses },
  }
  const found = read(node)
  t.match(found, { name, version })
  t.strictSame(JSON.parse(found?.text ?? ''), expected)
  const event = { type: 'MODIFIED', object: { kind: 'Node', apiVersion: 'v1', ...node } }
  t.strictSame(read(event), found, 'the same in an event')
  const reported = { metadata: { ...metadata, resourceVersion: '1235' }, spec, status: { ...status, conditions: [] } }
  t.equal(read(reported)?.text, found?.text, 'and after a report that says nothing new')
})

t.test('is left to who reads all where the text is another than API servers write', async t => {
  const { resourceVersion, ...unversioned } = metadata
  const cases: Record<string, unknown> = {
    'no metadata': { spec, status },
    'metadata that is no object': { metadata: null, spec, status },
    'no version': { metadata: unversioned, spec, status },
    'a version behind the labels': { metadata: { ...unversioned, resourceVersion }, spec, status },
    'an address with more to it': { metadata, spec, status: { addresses: [{ type: 'a', address: 'b', more: 1 }] } },
    'no time': { metadata: { name: 'a', resourceVersion: '1' }, spec, status },
    'a name that is none': { metadata: { ...metadata, name: 7 }, spec, status },
    'no range yet': { metadata, spec: {}, status },
    'an empty list of ranges': { metadata, spec: { podCIDRs: [] }, status },
    'ranges of another kind': { metadata, spec: { podCIDRs: [7] }, status },
    'no address yet': { metadata, spec, status: { addresses: [] } },
    'a bookmark': { type: 'BOOKMARK', object: { kind: 'Node', metadata: { resourceVersion: '7' } } },
    'no object': 7,
  }
  for (const [what, object] of Object.entries(cases)) t.equal(read(object), undefined, what)
  const text = JSON.stringify(node)
  t.equal(nodeExcerpt(JSON.stringify(node, null, 1)), undefined, 'with spaces')
  t.strictSame(
    Array.from(text, (_, end) => nodeExcerpt(text.slice(0, end))).filter(
      found => found && end(found) !== end(read(node)),
    ),
    [],
    'cut',
  )
})

const end = (found: unknown): string => JSON.stringify(found)

// What is like our keys, in all places where a person may write what they want.
const words = fc
  .array(
    fc.constantFrom('"', '\\', ',', '{', '}', ']', '[', ':', 'x', '"podCIDRs":["', '"addresses":[{', '"metadata":{'),
  )
  .map(parts => parts.join(''))
const freely = fc.dictionary(words, words)

t.test('says of any node what all of its text says', async t => {
  const address = fc.record({
    type: fc.constantFrom('InternalIP', 'Hostname'),
    address: fc.oneof({ weight: 9, arbitrary: fc.ipV4() }, words),
  })
  const objects = fc.record({
    labels: freely,
    annotations: freely,
    uid: words,
    podCIDRs: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant('10.1.0.0/24') }, words), { maxLength: 3 }),
    addresses: fc.array(address, { maxLength: 3 }),
    more: fc.jsonValue(),
  })
  let excerpts = 0
  fc.assert(
    fc.property(objects, ({ labels, annotations, uid, podCIDRs, addresses, more }) => {
      const object = {
        metadata: { ...metadata, uid, labels, annotations },
        spec: { podCIDR: podCIDRs[0], podCIDRs, more },
        status: { addresses, more },
      }
      const text = JSON.stringify(object)
      const excerpt = nodeExcerpt(text)
      if (excerpt === undefined) return
      excerpts++
      const plain = (value: unknown) =>
        JSON.stringify(clusterNode(value), (_, value) => (typeof value === 'bigint' ? String(value) : value))
      t.equal(plain(JSON.parse(excerpt.text)), plain(JSON.parse(text)), text)
    }),
    { numRuns: 5000 },
  )
  t.ok(excerpts > 500, `${excerpts} of 5,000`)
})

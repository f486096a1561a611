import t from 'tap'
import { NodeList } from './node-list.ts'

const object = (name: unknown, podCIDR = '10.1.0.0/24') => ({ metadata: { name }, spec: { podCIDR } })
const names = (list: NodeList) => list.nodes.map(({ name }) => name)

t.test('tells a change of what we use from any other', async t => {
  const list = new NodeList()
  t.ok(list.put(object('a')))
  const [before] = list.nodes
  t.notOk(list.put({ ...object('a'), status: { conditions: [] } }))
  t.equal(list.nodes[0], before, 'the same object')
  t.ok(list.put(object('a', '10.2.0.0/24')))
  t.not(list.nodes[0], before)
  t.ok(list.delete(object('a')))
  t.notOk(list.delete(object('a')))
  t.strictSame(names(list), [])
})

t.test('a list read again has the same objects where nothing changed', async t => {
  const before = new NodeList()
  for (const name of ['same', 'changed', 'gone']) before.put(object(name))
  const list = new NodeList()
  for (const item of [object('same'), object('changed', '10.9.0.0/24'), object('new')]) list.add(item, before)
  t.strictSame(names(list), ['same', 'changed', 'new'])
  t.equal(list.get('same'), before.get('same'))
  t.not(list.get('changed'), before.get('changed'))
})

t.test('a name listed twice counts once, and is said', async t => {
  const list = new NodeList()
  list.add(object('a'), undefined)
  list.add(object('a', '10.2.0.0/24'), undefined)
  t.match(list.nodes, [{ name: 'a', podCidrs: [{ address: { value: 0x0a010000n } }] }])
  t.match(list.fault, { code: 'NODE_INVALID', message: /a \(listed twice\)/ })
})

t.test('what makes no sense is named, up to three, and no more once it does', async t => {
  const list = new NodeList()
  t.equal(list.fault, undefined)
  for (const name of ['a', 'b', 'c', 'd', undefined]) list.put(object(name, 'nonsense'))
  t.strictSame(names(list), ['a', 'b', 'c', 'd'])
  t.match(list.fault?.message, /: a \(podCIDR "nonsense"\), b .*, c .* and 2 more$/)
  t.match(list.fault?.details, /\none without a name \(no name\)$/)
  list.delete(object('a'))
  for (const name of ['b', 'c', 'd']) list.put(object(name))
  t.match(list.fault?.message, /: one without a name \(no name\)$/)
})

t.test('an excerpt is read where it is another than before', async t => {
  const excerpt = (name: string, podCIDR: string) => ({
    name,
    version: '1',
    text: JSON.stringify(object(name, podCIDR)),
  })
  const list = new NodeList()
  list.addExcerpt(excerpt('a', '10.1.0.0/24'), undefined)
  list.addExcerpt(excerpt('a', '10.7.0.0/24'), undefined)
  t.match(list.fault, { message: /listed twice/ })
  const [before] = list.nodes
  t.notOk(list.putExcerpt(excerpt('a', '10.1.0.0/24')))
  t.equal(list.nodes[0], before)
  t.ok(list.putExcerpt(excerpt('a', '10.2.0.0/24')))
  t.notOk(list.putExcerpt(excerpt('a', '10.2.0.0/24')))
  t.ok(list.put(object('a', '10.3.0.0/24')))
  t.ok(list.putExcerpt(excerpt('a', '10.2.0.0/24')), 'what came in between is not forgotten')
  list.delete(object('a'))
  t.ok(list.putExcerpt(excerpt('a', '10.2.0.0/24')), 'nor that it was gone')
})

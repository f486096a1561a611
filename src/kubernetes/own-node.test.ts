import t from 'tap'
import { FakeApi } from '../testing/fake-api.ts'
import { ownNode } from './own-node.ts'

t.test("one request brings the node's own object", async t => {
  const api = new FakeApi()
  api.nodes.put({ metadata: { name: 'me' }, spec: { podCIDR: '10.1.0.0/24' } })
  await api.open()
  t.teardown(() => api.close())
  const access = { server: new URL(api.address), credentials: async () => ({}) }
  t.match(await ownNode(access, 'me'), { name: 'me', podCidrs: [{ length: 24 }] })
  t.equal(api.requests.length, 1)
  await t.rejects(ownNode(access, 'you'), { code: 'API_NOT_FOUND', message: /knows no node you: .*NODE_NAME/ })
  api.fault = () => ({ status: 200, body: '{"kind":"NodeList","items":[]}' })
  await t.rejects(ownNode(access, 'me'), { code: 'NODE_INVALID' })
})

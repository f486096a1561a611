import t from 'tap'
import { callForJson } from '../kubernetes/api-call.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { openApiAccess } from './open-api-access.ts'

t.test('as a pod has it, where no kubeconfig file is given', async t => {
  const { server } = await openApiAccess({ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' })
  t.equal(server.href, 'https://10.96.0.1/')
  await t.rejects(openApiAccess({}), { code: 'CONFIG_INVALID' })
})

t.test('by a kubeconfig file, with its token, where one is given', async t => {
  const api = new FakeApi({ token: 'right' })
  api.nodes.put({ metadata: { name: 'worker' } })
  await api.open()
  t.teardown(() => api.close())
  const file = `${t.testdir({ config: api.kubeconfig() })}/config`
  const access = await openApiAccess({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, file)
  t.match(await callForJson(access, { path: '/api/v1/nodes/worker' }), { metadata: { name: 'worker' } })
})

t.test('a kubeconfig file that leads nowhere is said to', async t => {
  const files = t.testdir({ noise: '\u0000{{', empty: '', other: 'current-context: x', list: '[]' })
  for (const name of ['noise', 'empty', 'other', 'list', 'missing']) {
    const expected = { name: 'Problem', code: 'CONFIG_INVALID', message: new RegExp(`kubeconfig .*${name}: `) }
    await t.rejects(openApiAccess({}, `${files}/${name}`), expected)
  }
})

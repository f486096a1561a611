import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { authority } from '../testing/certificates.ts'
import { FakeApi, type FakeApiOptions } from '../testing/fake-api.ts'
import type { ApiAccess } from './api-access.ts'
import { call, callForJson } from './api-call.ts'
import { inCluster } from './in-cluster.ts'
import { kubeconfig } from './kubeconfig.ts'

const directory = t.testdir({})
const { ca, serve } = authority(directory)
const path = '/api/v1/nodes/worker'

async function secureApi(t: Test, options: FakeApiOptions = {}) {
  const api = new FakeApi({ tls: serve(), token: 'right', ...options })
  api.nodes.put({ metadata: { name: 'worker' } })
  await api.open()
  t.teardown(() => api.close())
  const account = t.testdir({ token: 'right\n', 'ca.crt': ca })
  return { api, account, access: inCluster({ PODWIRE_API_SERVER: api.address }, account) }
}

t.test('a pod reaches the server by its service account', async t => {
  const { access } = await secureApi(t)
  t.match(await callForJson(access, { path }), { metadata: { name: 'worker' } })
})

t.test('a token that was renewed is used from the next request on', async t => {
  const { api, account, access } = await secureApi(t)
  writeFileSync(`${account}/token`, 'old')
  await t.rejects(callForJson(access, { path }), {
    code: 'API_REFUSED',
    message: /refused GET .* with 401: Unauthorized.*token/,
  })
  writeFileSync(`${account}/token`, 'right')
  await callForJson(access, { path })
  t.strictSame(
    api.requests.map(({ headers }) => headers.authorization),
    ['Bearer old', 'Bearer right'],
  )
})

t.test('a kubeconfig file leads there as well', async t => {
  const { api } = await secureApi(t)
  const file = `${t.testdir({ config: api.kubeconfig(ca) })}/config`
  t.match(await callForJson(kubeconfig(file), { path }), { metadata: { name: 'worker' } })
})

t.test('the address is the one given, else that of the service', async t => {
  const service = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
  const server = (environment: Record<string, string>) => inCluster(environment).server.href
  t.equal(server(service), 'https://10.96.0.1/')
  t.equal(server({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }), 'https://[fd00::1]:6443/')
  t.equal(server({ ...service, PODWIRE_API_SERVER: 'https://192.0.2.1:6443' }), 'https://192.0.2.1:6443/')
  t.equal(server({ ...service, PODWIRE_API_SERVER: '192.0.2.1:6443' }), 'https://192.0.2.1:6443/')
  t.equal(server({ ...service, PODWIRE_API_SERVER: '' }), 'https://10.96.0.1/')
  t.throws(() => server({}), { code: 'CONFIG_INVALID', message: /PODWIRE_API_SERVER/ })
  t.throws(() => server({ PODWIRE_API_SERVER: 'http://192.0.2.1:6443' }), { code: 'CONFIG_INVALID' })
  t.throws(() => server({ PODWIRE_API_SERVER: 'https://' }), { code: 'CONFIG_INVALID' })
})

t.test('a service account that is not there is said to be missing', async t => {
  const access = inCluster({ PODWIRE_API_SERVER: 'https://127.0.0.1:1' }, `${directory}/none`)
  await t.rejects(call(access, { path }), { code: 'API_UNREACHABLE', message: /cannot read .*ca.crt.*service account/ })
})

const access = (address: string): ApiAccess => ({ server: new URL(address), credentials: async () => ({ ca }) })

t.test('each way not to be reached has its words', async t => {
  const expired = await secureApi(t, { tls: serve(-1) })
  await t.rejects(call(access(expired.api.address), { path }), {
    code: 'API_UNREACHABLE',
    message: /certificate has expired/,
  })
  mkdirSync(`${directory}/other`)
  const stranger = await secureApi(t, { tls: authority(`${directory}/other`).serve() })
  await t.rejects(call(access(stranger.api.address), { path }), { message: /not by the authority/ })
  await stranger.api.close()
  await t.rejects(call(access(stranger.api.address), { path }), { message: /nothing listens there/ })
  await t.rejects(call(access('https://no-such-host.invalid'), { path }), { message: /its name/ })
})

t.test('each way to be refused has its words, and the server its own', async t => {
  const { api, access } = await secureApi(t)
  const answers = async (status: number, body?: string) => {
    api.fault = () => ({ status, ...(body !== undefined && { body }) })
    return call(access, { path }).then(
      () => 'an answer',
      ({ code, message }) => `${code} ${message}`,
    )
  }
  const rbac = '{"message":"nodes is forbidden"}'
  t.match(
    await answers(403, rbac),
    /^API_REFUSED .* refused GET \/api\/v1\/nodes\/worker with 403: nodes is forbidden. Its ClusterRole/,
  )
  t.match(await answers(500, '<html>'), /^API_REFUSED .* with 500$/)
  t.match(await answers(500, 'null'), /^API_REFUSED .* with 500$/)
  t.match(await answers(302), /^API_REFUSED .* with 302/)
  t.match(await answers(404), /^API_NOT_FOUND/)
  t.match(await answers(410), /^API_EXPIRED/)
  t.equal(await answers(200), 'an answer')
})

t.test('who says nothing is given up, before the answer and in the midst of it', async t => {
  const { api, access } = await secureApi(t)
  api.fault = () => 'hang'
  const silent = { code: 'API_UNREACHABLE', message: /said nothing for 0.1 s/ }
  await t.rejects(call(access, { path, silenceMs: 100 }), silent)
  api.fault = () => undefined
  const query = { watch: 'true', resourceVersion: api.nodes.version }
  await t.rejects(callForJson(access, { path: '/api/v1/nodes', query, silenceMs: 100 }), silent)
})

t.test('a connection that does not come about is given up long before the answer would be', async t => {
  // Stopped, it takes no connection, and what its queue does not hold the kernel drops.
  const listen =
    "require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })"
  const server = spawn(process.execPath, ['-e', listen])
  t.teardown(() => server.kill('SIGKILL'))
  const port = Number(await once(server.stdout, 'data'))
  server.kill('SIGSTOP')
  for (const _ of [1, 2]) {
    const fill = connect(port, '127.0.0.1')
    t.teardown(() => fill.destroy())
    await once(fill, 'connect')
  }
  for (const host of ['127.0.0.1', 'localhost'])
    await t.rejects(call(access(`http://${host}:${port}`), { path, silenceMs: 20_000 }), {
      code: 'API_UNREACHABLE',
      message: /it does not answer/,
    })
})

t.test('what is no JSON is no answer, and a connection that breaks is none', async t => {
  const { api, access } = await secureApi(t)
  api.fault = () => ({ status: 200, body: '{"metadata":' })
  await t.rejects(callForJson(access, { path }), { code: 'API_REFUSED', message: /makes no sense: no JSON/ })
  api.fault = () => 'close'
  await t.rejects(callForJson(access, { path }), { code: 'API_UNREACHABLE', message: /closed the connection/ })
})

t.test('a server below a path is asked there', async t => {
  const api = new FakeApi()
  await api.open()
  t.teardown(() => api.close())
  await t.rejects(call(access(`${api.address}/k8s/clusters/c-1/`), { path }), { code: 'API_NOT_FOUND' })
  t.equal(api.requests[0]?.path, `/k8s/clusters/c-1${path}`)
})

import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { type Answers, serve } from './http.ts'

const fine: Answers = {
  illness: () => undefined,
  unreadiness: () => undefined,
  metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'podwire_nodes 3\n' }),
  status: () => ({ node: 'one' }),
}

async function fixture(t: Test, answers: Partial<Answers> = {}) {
  const face = await serve({ host: '127.0.0.1', port: 0 }, { ...fine, ...answers })
  t.teardown(() => face[Symbol.asyncDispose]())
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://${face.listens}${path}`, { method })
    return [response.status, await response.text(), response.headers.get('content-type')] as const
  }
  return { face, get }
}

t.test('answers what it is asked', async t => {
  const { get } = await fixture(t)
  t.strictSame(await get('/healthz'), [200, 'ok\n', 'text/plain; charset=utf-8'])
  t.strictSame(await get('/readyz?verbose'), [200, 'ok\n', 'text/plain; charset=utf-8'])
  t.strictSame(await get('/metrics'), [200, 'podwire_nodes 3\n', 'text/plain; version=0.0.4'])
  t.strictSame(await get('/status'), [200, '{"node":"one"}\n', 'application/json'])
  t.match(await get('/else'), [404, /\/healthz/])
  t.match(await get('/healthz', 'POST'), [405])
  t.match(await get('/healthz', 'HEAD'), [200, ''])
})

t.test('what is wrong is said, to the probe that asks for it', async t => {
  const { get } = await fixture(t, {
    unreadiness: () => 'no podCIDR yet',
    metrics: () => Promise.reject(new Error('no metrics')),
    status: () => {
      throw new Error('no status')
    },
  })
  t.match(await get('/healthz'), [200])
  t.match(await get('/readyz'), [503, 'no podCIDR yet\n'])
  t.match(await get('/metrics'), [500, /no metrics/])
  t.match(await get('/status'), [500, /no status/])
})

t.test('a taken port is told, with the way out', async t => {
  const { face } = await fixture(t)
  const port = Number(face.listens.split(':')[1])
  await t.rejects(serve({ host: '127.0.0.1', port }, fine), {
    code: 'INPUT_OUTPUT',
    message: /^cannot answer on 127.0.0.1:\d+: .*EADDRINUSE.*: give another by --listen, or --listen none$/,
  })
})

t.test('whoever only connects does not keep it from ending', async t => {
  const face = await serve({ host: '127.0.0.1', port: 0 }, fine)
  const socket = connect(Number(face.listens.split(':')[1]), '127.0.0.1')
  await new Promise(resolve => socket.once('connect', resolve))
  socket.on('error', () => {})
  await t.resolves(async () => face[Symbol.asyncDispose]())
  socket.destroy()
})

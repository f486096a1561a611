import { createServer } from 'node:net'
import t from 'tap'
import { serve } from '../agent/http.ts'
import { askAgent } from './ask-agent.ts'

const report = { node: 'one', ready: true, podCidrs: [], nodes: 1, routes: { wanted: 0, present: 0 }, ways: [] }

const answering = (status: () => unknown) =>
  serve(
    { host: '127.0.0.1', port: 0 },
    {
      illness: () => undefined,
      unreadiness: () => undefined,
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
      status,
    },
  )

t.test('an agent says how it is', async t => {
  await using face = await answering(() => report)
  t.strictSame(await askAgent(face.listens), report)
  t.strictSame(await askAgent(face.listens.replace('127.0.0.1', '')), report, 'on every address is on this one, too')
})

t.test('what is none, is broken or is gone is an error that says so', async t => {
  await using stranger = await answering(() => ({ hello: 'there' }))
  await t.rejects(askAgent(stranger.listens), { message: /no podwire agent of this release/ })
  await using broken = await answering(() => {
    throw new Error('broken')
  })
  await t.rejects(askAgent(broken.listens), { message: /JSON/ })
  await t.rejects(askAgent('127.0.0.1:1'), { code: 'ECONNREFUSED' })
})

t.test('one that hangs is waited for three seconds', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  await t.rejects(askAgent(`127.0.0.1:${port}`), { message: 'no answer within 3 s' })
})

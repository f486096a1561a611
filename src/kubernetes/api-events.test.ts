import t, { type Test } from 'tap'
import type { Problem } from '../problem.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { until } from '../testing/until.ts'
import { ApiEvents } from './api-events.ts'
import type { ClusterEvent } from './event-object.ts'

const event: ClusterEvent = { type: 'Warning', reason: 'RangeExhausted', note: 'no free address in 10.1.0.0/24' }

async function sink(t: Test) {
  const api = new FakeApi()
  await api.open()
  t.teardown(() => api.close())
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5, 6) }
  const troubles: Problem[] = []
  const access = { server: new URL(api.address), credentials: async () => ({}) }
  const events = new ApiEvents(
    access,
    'worker',
    problem => troubles.push(problem),
    () => clock.ms,
  )
  const bodies = () => api.requests.map(({ body }) => JSON.parse(body))
  return { api, clock, troubles, events, bodies }
}

t.test('an event about the node is where kubectl describe looks for it', async t => {
  const { api, events, bodies } = await sink(t)
  events.send(event)
  await until(() => api.requests.length === 1)
  t.match(api.requests[0], { method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/default/events' })
  t.match(bodies()[0], {
    metadata: { name: /^worker\.[0-9a-f]+$/, namespace: 'default' },
    regarding: { apiVersion: 'v1', kind: 'Node', name: 'worker', uid: 'worker' },
    eventTime: '2026-01-02T03:04:05.006000Z',
    type: 'Warning',
    reason: 'RangeExhausted',
    note: 'no free address in 10.1.0.0/24',
    reportingInstance: 'worker',
  })
})

t.test('an event about a pod is in its namespace', async t => {
  const { api, events, bodies } = await sink(t)
  events.send({ ...event, regarding: { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u' } })
  await until(() => api.requests.length === 1)
  t.equal(api.requests[0]?.path, '/apis/events.k8s.io/v1/namespaces/shop/events')
  t.match(bodies()[0], { regarding: { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u' } })
})

t.test('the same is said once an hour, each in its turn, under names of their own', async t => {
  const { clock, events, bodies } = await sink(t)
  for (let i = 0; i < 5; i++) events.send(event)
  events.send({ ...event, note: 'another' })
  await until(() => bodies().length === 2)
  clock.ms += 3_599_999
  events.send(event)
  clock.ms += 1
  events.send(event)
  await until(() => bodies().length === 3)
  t.strictSame(
    bodies().map(({ note }) => note),
    [event.note, 'another', event.note],
  )
  t.equal(new Set(bodies().map(({ metadata }) => metadata.name)).size, 3)
})

t.test('a clock that is set back silences nothing', async t => {
  const { clock, events, bodies } = await sink(t)
  events.send(event)
  await until(() => bodies().length === 1)
  clock.ms -= 86_400_000
  events.send(event)
  await until(() => bodies().length === 2)
})

t.test('a flood is cut off, and what comes after it is sent', async t => {
  const { api, events, bodies } = await sink(t)
  for (let i = 0; i < 1000; i++) events.send({ ...event, note: `note ${i}` })
  await until(() => api.requests.length === 51)
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(api.requests.length, 51)
  events.send({ ...event, note: 'later' })
  await until(() => bodies().at(-1)?.note === 'later')
})

t.test('who cannot send goes on, and says so', async t => {
  const { api, events, troubles, bodies } = await sink(t)
  api.fault = () => ({ status: 403, body: '{"message":"cannot create events"}' })
  events.send(event)
  await until(() => troubles.length === 1)
  events.send(event)
  await until(() => api.requests.length === 2)
  t.equal(troubles.length, 1, 'once')
  t.match(troubles, [{ code: 'API_REFUSED', message: /POST .*events with 403: cannot create events.*ClusterRole/ }])
  await api.close()
  events.send({ ...event, note: 'another' })
  await until(() => troubles.length === 2)
  await api.open()
  api.fault = () => undefined
  events.send({ ...event, note: 'a third' })
  await until(() => bodies().at(-1)?.note === 'a third')
})

t.test('what is longer than the API server takes is cut', async t => {
  const { events, bodies } = await sink(t)
  events.send({
    ...event,
    note: 'ä'.repeat(2000),
    regarding: { kind: 'Pod', namespace: 'shop', name: 'x'.repeat(253) },
  })
  await until(() => bodies().length === 1)
  const [{ note, metadata }] = bodies()
  t.ok(Buffer.byteLength(note) <= 1024 && note.endsWith('…'))
  t.equal(metadata.name.length, 253)
})

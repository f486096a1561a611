import t, { type Test } from 'tap'
import type { Problem } from '../problem.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { NetworkCondition } from './network-condition.ts'

const MINUTE = 60_000
const condition = (status: string) => ({
  metadata: { name: 'me' },
  status: { conditions: [{ type: 'NetworkUnavailable', status }] },
})

async function fixture(t: Test) {
  const api = new FakeApi()
  await api.open()
  t.teardown(() => api.close())
  api.nodes.put(condition('True'))
  const time = { now: 0 }
  const [troubles, said]: [Problem[], number[]] = [[], []]
  const access = { server: new URL(api.address), credentials: async () => ({}) }
  const one = new NetworkCondition(access, 'me', {
    onTrouble: problem => troubles.push(problem),
    onSaid: () => said.push(time.now),
    now: () => time.now,
  })
  /** The methods of the requests that it makes at a time. */
  const at = async (now: number): Promise<string> => {
    time.now = now
    api.requests.length = 0
    await one.keep()
    return api.requests.map(({ method }) => method).join(' ')
  }
  return { api, one, at, troubles, said }
}

t.test('it is said once, and again only after somebody said otherwise', async t => {
  const { api, at, said, troubles } = await fixture(t)
  t.equal(await at(0), 'GET PATCH')
  api.nodes.put(condition('False'))
  t.equal(await at(4 * MINUTE), '', 'passes come often')
  t.equal(await at(5 * MINUTE), 'GET')
  api.nodes.put(condition('True'))
  t.equal(await at(10 * MINUTE), 'GET PATCH')
  t.strictSame([said, troubles], [[0, 10 * MINUTE], []])
})

t.test('without the right to, one line says so, and nothing is lost', async t => {
  const { api, at, said, troubles } = await fixture(t)
  api.fault = ({ method }) => (method === 'PATCH' ? { status: 403 } : undefined)
  for (const minute of [0, 5, 10]) t.equal(await at(minute * MINUTE), 'GET PATCH')
  t.match(troubles, [{ code: 'API_REFUSED', message: /refused PATCH \/api\/v1\/nodes\/me\/status with 403/ }])
  t.equal(troubles.length, 1)
  api.fault = () => undefined
  t.equal(await at(15 * MINUTE), 'GET PATCH', 'until it is given')
  t.strictSame(said, [15 * MINUTE])
})

t.test('an API server that is away is asked again soon, and not twice at once', async t => {
  const { api, one, at, said } = await fixture(t)
  api.fault = () => 'close'
  t.equal(await at(0), 'GET')
  api.fault = () => undefined
  t.equal(await at(9999), '')
  t.equal(await at(10_000), 'GET PATCH')
  t.strictSame(said, [10_000])
  const first = at(10 * MINUTE)
  await one.keep()
  t.equal(await first, 'GET PATCH')
})

t.test('an API server that answers with errors is asked again soon, then less and less often', async t => {
  const { api, at, said } = await fixture(t)
  api.fault = () => ({ status: 503 })
  const asked: number[] = []
  for (let second = 0; second <= 1200; second += 10) if ((await at(second * 1000)) !== '') asked.push(second)
  t.strictSame(asked, [0, 10, 30, 70, 150, 310, 610, 910])
  api.fault = () => undefined
  t.equal(await at(20 * MINUTE + 10_000), 'GET PATCH')
  api.nodes.put(condition('True'))
  api.fault = () => 'close'
  t.equal(await at(30 * MINUTE), 'GET')
  t.equal(await at(30 * MINUTE + 10_000), 'GET', 'soon again, after a success')
  t.equal(said.length, 1)
})

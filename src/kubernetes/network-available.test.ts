import t from 'tap'
import { FakeApi } from '../testing/fake-api.ts'
import { sayNetworkAvailable } from './network-available.ts'

const cloud = { type: 'NetworkUnavailable', status: 'True', reason: 'NoRouteCreated' }
const cases: readonly [what: string, status: object | null, isSaid: boolean][] = [
  ['a cloud set it', { conditions: [{ type: 'Ready', status: 'False' }, cloud] }, true],
  ['nobody said anything', {}, true],
  ['the conditions make no sense', { conditions: [null, 7] }, true],
  ['there is no status', null, true],
  ['it was said before', { conditions: [{ ...cloud, status: 'False' }] }, false],
]
for (const [what, status, isSaid] of cases) {
  t.test(`the network is said to be there, where ${what}: ${isSaid}`, async t => {
    const api = new FakeApi()
    await api.open()
    t.teardown(() => api.close())
    api.nodes.put({ metadata: { name: 'me' }, status })
    const access = { server: new URL(api.address), credentials: async () => ({}) }
    t.equal(await sayNetworkAvailable(access, 'me', Date.UTC(2026, 0, 2, 3, 4, 5, 6)), isSaid)
    const [, patch] = api.requests
    t.equal(patch !== undefined, isSaid)
    if (!patch) return
    t.match(patch, {
      method: 'PATCH',
      path: '/api/v1/nodes/me/status',
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    })
    const expected = { type: 'NetworkUnavailable', status: 'False', lastTransitionTime: '2026-01-02T03:04:05Z' }
    t.match(JSON.parse(patch.body), { status: { conditions: [expected] } })
  })
}

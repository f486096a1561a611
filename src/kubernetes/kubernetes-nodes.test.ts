import t, { type Test } from 'tap'
import type { ClusterNode } from '../cluster/node.ts'
import type { Problem } from '../problem.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { until } from '../testing/until.ts'
import type { FollowerOptions } from './follower.ts'
import { kubernetesNodes } from './kubernetes-nodes.ts'

const object = (name: string, third = 1) => ({ metadata: { name }, spec: { podCIDR: `10.244.${third}.0/24` } })

/** A source that follows a server of three nodes, and what it told. */
async function followed(t: Test, options: Partial<FollowerOptions> = {}, names = ['a', 'b', 'c']) {
  const api = new FakeApi()
  for (const name of names) api.nodes.put(object(name))
  await api.open()
  t.teardown(() => api.close())
  const told: (readonly ClusterNode[])[] = []
  const troubles: Problem[] = []
  const access = { server: new URL(api.address), credentials: async () => ({}) }
  const quick = { steadyMs: 50, pauseMs: (failures: number) => Math.min(10 * failures, 50), ...options }
  const source = kubernetesNodes(access, quick)
  const start = () => {
    const following = source.start({
      onNodes: nodes => void told.push(nodes),
      onTrouble: problem => void troubles.push(problem),
    })
    t.teardown(() => following[Symbol.dispose]())
    return following
  }
  const namesNow = () =>
    told
      .at(-1)
      ?.map(({ name }) => name)
      .join()
  const watches = () => api.requests.filter(({ query: { watch } }) => watch)
  const lists = () => api.requests.filter(({ query: { watch } }) => !watch)
  return { api, told, troubles, start, names: namesNow, watches, lists, isWatching: () => api.watchCount > 0 }
}

t.test('lists all nodes, in pages, then tells of each change', async t => {
  const { api, told, start, names, lists, watches, isWatching } = await followed(t, { pageSize: 2 })
  start()
  t.equal(told.length, 0, 'nobody is called before start returns')
  await until(isWatching)
  t.equal(names(), 'a,b,c')
  t.equal(told.length, 1, 'once, when the list is whole')
  t.equal(lists().length, 2)
  t.match(watches()[0]?.query, { allowWatchBookmarks: 'true', resourceVersion: api.nodes.version })
  api.nodes.put(object('d'))
  await until(() => names() === 'a,b,c,d')
  api.nodes.delete('b')
  await until(() => names() === 'a,c,d')
  api.nodes.put(object('a', 9))
  await until(() => told.length === 4)
  t.equal(told[3]?.find(({ name }) => name === 'a')?.podCidrs[0]?.address.value, 0x0af40900n)
  t.equal(told[3]?.[1], told[0]?.[2], 'what did not change is the same object')
})

t.test('a change of what we do not use is not told', async t => {
  const { api, told, start, names, isWatching } = await followed(t)
  start()
  await until(isWatching)
  api.nodes.put({ ...object('a'), status: { conditions: [{ type: 'Ready' }] } })
  await new Promise(resolve => setTimeout(resolve, 50))
  api.nodes.put(object('d'))
  await until(() => names() === 'a,b,c,d')
  t.equal(told.length, 2)
})

t.test("a kubelet's report is not told, and a watch that breaks goes on behind it", async t => {
  const { api, told, start, isWatching, watches } = await followed(t, {}, [])
  const reported = (address: string, at: string) => ({
    metadata: { name: 'a', resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z', labels: { os: 'linux' } },
    spec: { podCIDRs: ['10.244.1.0/24'] },
    status: { conditions: [{ lastHeartbeatTime: at }], addresses: [{ type: 'InternalIP', address }] },
  })
  api.nodes.put(reported('192.0.2.1', '00:00'))
  start()
  await until(isWatching)
  api.nodes.put(reported('192.0.2.1', '00:05'))
  api.nodes.put(reported('192.0.2.2', '00:10'))
  await until(() => told.length === 2)
  t.equal(told[1]?.[0]?.addresses[0]?.value, 0xc0000202n)
  api.nodes.put(reported('192.0.2.2', '00:15'))
  await new Promise(resolve => setTimeout(resolve, 50))
  api.endWatches()
  await until(() => watches().length === 2)
  t.match(watches()[1]?.query, { resourceVersion: api.nodes.version })
  t.equal(told.length, 2)
})

t.test('one node alone, where that is asked', async t => {
  const { api, told, start, names, isWatching, watches } = await followed(t, { only: 'b' })
  start()
  await until(isWatching)
  t.equal(names(), 'b')
  api.nodes.put(object('a', 7))
  api.nodes.put(object('b', 7))
  await until(() => told.length === 2)
  t.equal(names(), 'b')
  t.match(watches()[0]?.query, { fieldSelector: 'metadata.name=b' })
})

for (const how of ['politely', 'abruptly'] as const) {
  t.test(`a watch that ends ${how} goes on where it ended, and nothing is said`, async t => {
    const { api, troubles, start, names, isWatching, watches, lists } = await followed(t, { steadyMs: 1 })
    start()
    await until(isWatching)
    api.nodes.put(object('d'))
    await until(() => names() === 'a,b,c,d')
    const { version } = api.nodes
    api.endWatches(how)
    api.nodes.put(object('e'))
    await until(() => names() === 'a,b,c,d,e')
    t.match(watches().at(-1)?.query, { resourceVersion: version })
    t.equal(lists().length, 1)
    t.strictSame(troubles, [])
  })
}

t.test('a bookmark moves on where a watch resumes', async t => {
  const { api, start, isWatching, watches, troubles, lists } = await followed(t, { steadyMs: 1 })
  start()
  await until(isWatching)
  api.nodes.compact()
  api.bookmark()
  await new Promise(resolve => setTimeout(resolve, 50))
  api.endWatches()
  await until(() => watches().length === 2 && isWatching())
  t.match(watches()[1]?.query, { resourceVersion: api.nodes.version })
  t.equal(lists().length, 1)
  t.strictSame(troubles, [])
})

t.test('where the version is too old the list is read again', async t => {
  const { api, start, names, isWatching, lists, troubles } = await followed(t, { steadyMs: 1 })
  start()
  await until(isWatching)
  api.fault = ({ query: { watch } }) => (watch ? 'close' : undefined)
  api.endWatches()
  await until(() => api.watchCount === 0)
  api.nodes.delete('a')
  api.nodes.compact()
  api.fault = () => undefined
  await until(() => names() === 'b,c')
  await until(isWatching)
  t.equal(lists().length, 2)
  t.notMatch(troubles, [{ code: 'API_EXPIRED' }])
})

t.test('a list that grows too old between two pages is read from its start', async t => {
  const { api, start, names } = await followed(t, { pageSize: 2 })
  let pages = 0
  api.fault = () => {
    if (++pages === 2) api.nodes.compact()
    return undefined
  }
  start()
  await until(() => names() === 'a,b,c')
  t.ok(pages >= 4)
})

t.test('a watch that went silent is opened anew', async t => {
  const { api, start, names, isWatching, watches, troubles } = await followed(t, { silenceMs: 800 })
  start()
  await until(isWatching)
  const keepAlive = setInterval(() => api.bookmark(), 50)
  await new Promise(resolve => setTimeout(resolve, 1600))
  t.equal(watches().length, 1, 'bookmarks keep it')
  clearInterval(keepAlive)
  await until(() => watches().length >= 2 && isWatching())
  api.nodes.put(object('d'))
  await until(() => names() === 'a,b,c,d')
  t.strictSame(troubles, [])
})

t.test('a server that is away is said to be, once; it goes on by itself, and the list was kept', async t => {
  const { api, told, troubles, start, names, isWatching } = await followed(t)
  start()
  await until(isWatching)
  await new Promise(resolve => setTimeout(resolve, 100))
  await api.close()
  await until(() => troubles.length > 0)
  await new Promise(resolve => setTimeout(resolve, 300))
  t.match(troubles, [{ code: 'API_UNREACHABLE', message: /nothing listens there/ }])
  t.equal(troubles.length, 1)
  t.equal(told.length, 1)
  await api.open()
  await until(() => told.length === 2)
  t.equal(told[1]?.[0], told[0]?.[0], 'that it is over is told with the same list')
  api.nodes.put(object('d'))
  await until(() => names() === 'a,b,c,d')
})

t.test('a server that answers 500 from the start is said to, until it does not', async t => {
  const { api, told, troubles, start, names } = await followed(t)
  api.fault = () => ({ status: 500, body: 'etcd is sad' })
  start()
  await until(() => api.requests.length > 3)
  t.match(troubles, [{ code: 'API_REFUSED', message: /500/ }])
  t.equal(troubles.length, 1)
  t.equal(told.length, 0)
  api.fault = () => undefined
  await until(() => names() === 'a,b,c')
})

t.test('where every watch is closed at once the list is read again and again, and that is said once', async t => {
  const { api, troubles, start, names } = await followed(t)
  const closer = setInterval(() => api.endWatches(), 1)
  t.teardown(() => clearInterval(closer))
  start()
  await until(() => troubles.length > 0)
  api.nodes.put(object('d'))
  await until(() => names() === 'a,b,c,d')
  t.match(troubles, [{ code: 'WATCH_CLOSED' }])
  t.equal(troubles.length, 1)
  t.ok(api.requests.length < 100, 'with pauses')
})

t.test('where watches are forbidden the list is read again and again, and that is said once', async t => {
  const { api, troubles, start, names } = await followed(t)
  api.fault = ({ query: { watch } }) => (watch ? { status: 403, body: '{"message":"cannot watch nodes"}' } : undefined)
  start()
  await until(() => names() === 'a,b,c')
  api.nodes.put(object('d'))
  await until(() => names() === 'a,b,c,d')
  t.match(troubles, [{ message: /cannot watch nodes.*ClusterRole/ }])
  t.equal(troubles.length, 1)
})

const noise: Record<string, string> = {
  'is no JSON': '{"type":',
  'is null': 'null',
  'has no type': '{"object":{}}',
  'is an error': '{"type":"ERROR","object":{"code":500,"message":"sad"}}',
  'is an error of no kind': '{"type":"ERROR"}',
}
for (const [what, line] of Object.entries(noise)) {
  t.test(`an event that ${what} is said, and the watch opened again`, async t => {
    const { api, troubles, start, names, isWatching, watches } = await followed(t)
    start()
    await until(isWatching)
    api.tellWatches(line)
    await until(() => troubles.length > 0 && watches().length > 1 && isWatching())
    t.match(troubles, [{ code: 'API_REFUSED', message: /watch of \/api\/v1\/nodes/ }])
    api.nodes.put(object('d'))
    await until(() => names() === 'a,b,c,d')
  })
}

for (const body of ['[]', 'null', '{"items":{},"metadata":{"resourceVersion":"1"}}', '{"items":[]}']) {
  t.test(`a list that is ${body} is none`, async t => {
    const { api, told, troubles, start, names } = await followed(t)
    api.fault = () => ({ status: 200, body })
    start()
    await until(() => troubles.length > 0)
    t.match(troubles, [{ code: 'API_REFUSED', message: /no list of nodes/ }])
    t.equal(told.length, 0)
    api.fault = () => undefined
    await until(() => names() === 'a,b,c')
  })
}

t.test('objects that make no sense are left out and said, until they are mended', async t => {
  const { api, told, troubles, start, names, isWatching } = await followed(t)
  api.nodes.put({ metadata: null }, 'nameless')
  api.nodes.put({ ...object('d'), spec: { podCIDRs: ['10.0.0.0/99', '10.244.4.0/24'] } })
  start()
  await until(isWatching)
  t.equal(names(), 'a,b,c,d')
  t.match(troubles, [{ code: 'NODE_INVALID', message: /one without a name \(no name\), d \(podCIDR "10.0.0.0\/99"\)/ }])
  api.nodes.put({ metadata: { name: {} } }, 'nameless')
  api.nodes.put(object('e'))
  await until(() => names() === 'a,b,c,d,e')
  t.equal(troubles.length, 1)
  t.equal(told.length, 2)
})

t.test('nobody is called after it was stopped, and no connection stays', async t => {
  const { api, told, troubles, start, isWatching } = await followed(t)
  const following = start()
  await until(isWatching)
  following[Symbol.dispose]()
  await until(() => api.watchCount === 0)
  api.nodes.put(object('d'))
  await new Promise(resolve => setTimeout(resolve, 100))
  t.equal(told.length, 1)
  t.strictSame(troubles, [])
  t.equal(api.watchCount, 0)
})

t.test('one that is stopped while it lists tells nothing', async t => {
  const { api, told, troubles, start } = await followed(t)
  api.fault = () => 'hang'
  const following = start()
  await until(() => api.requests.length > 0)
  following[Symbol.dispose]()
  await new Promise(resolve => setTimeout(resolve, 50))
  t.strictSame([told, troubles], [[], []])
})

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ApiRequest, FakeApi } from '../testing/fake-api.ts'
import { needsNft } from '../testing/nft.ts'
import { moveToThrowAwayNode, run } from '../testing/throw-away-node.ts'
import { until } from '../testing/until.ts'

const START_MS = 30_000
const LISTEN = '127.0.0.1:9912'

const nodeObject = (number: number, podCIDRs: readonly string[] = [`10.244.${number}.0/24`]) => ({
  metadata: { name: `node${number}`, creationTimestamp: `2026-01-01T00:00:0${number}Z` },
  spec: { podCIDRs },
  status: { addresses: [{ type: 'InternalIP', address: `192.0.2.${number}` }] },
})

async function start(t: Test, api: FakeApi) {
  await api.open()
  t.teardown(() => api.close())
  const directory = t.testdir({ config: api.kubeconfig() })
  const conflist = join(directory, 'net.d', '10-podwire.conflist')
  const words = ['--node', 'node1', '--kubeconfig', join(directory, 'config'), '--conflist', conflist]
  const state = join(directory, 'run')
  const child = spawn(process.execPath, ['src/cli/main.ts', 'agent', ...words, '--state', state], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  t.teardown(() => void child.kill('SIGKILL'))
  const said: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => void said.push(text))
  const ask = async (path: string): Promise<string> => (await fetch(`http://${LISTEN}${path}`)).text()
  return { child, conflist, state, said, ask }
}

const routes = (): string => run('ip -4 route show proto 113')

t.test('an agent by the Kubernetes API', needsNft, async t => {
  moveToThrowAwayNode(t)
  run('ip link add eth0 type veth peer name peer0')
  run('ip link set peer0 up')
  run('ip link set eth0 up')
  run('ip address add 192.0.2.1/24 dev eth0')
  const api = new FakeApi()
  for (const number of [1, 2]) api.nodes.put(nodeObject(number))
  // Whoever asks for all nodes waits.
  api.fault = ({ query, method }) => (method === 'GET' && query['fieldSelector'] === undefined ? 'hang' : undefined)
  const { child, conflist, state, said, ask } = await start(t, api)

  await t.test('the conflist needs this node alone', async t => {
    await until(() => existsSync(conflist), START_MS)
    const { plugins } = JSON.parse(readFileSync(conflist, 'utf8'))
    t.match(plugins, [
      { mtu: 1450, ipMasq: true, agent: `${state}/agent.json`, ipam: { ranges: [[{ subnet: '10.244.1.0/24' }]] } },
    ])
    t.equal(routes(), '')
    t.not(await ask('/readyz'), 'ok\n')
  })

  await t.test('routes follow the list, and readiness the first pass', async t => {
    api.fault = () => undefined
    await api.close()
    await api.open()
    await until(() => /10.244.2.0\/24 via 192.0.2.2 dev eth0/.test(routes()), START_MS)
    t.equal(await ask('/readyz'), 'ok\n')
    t.match(
      run('nft list set inet podwire except4'),
      /10.244.1.0-10.244.2.255|10.244.2.0\/24/,
      'and no masquerade there',
    )
    t.match(JSON.parse(readFileSync(`${state}/agent.json`, 'utf8')), { ready: true })
    api.nodes.put(nodeObject(3))
    await until(() => /10.244.3.0\/24 via 192.0.2.3 dev eth0/.test(routes()))
    api.nodes.delete('node2')
    await until(() => !/10.244.2.0/.test(routes()))
    t.match(await ask('/metrics'), /^podwire_event_to_kernel_seconds_count [2-9]$/m)
  })

  await t.test('that pods have a network is said on the node', async t => {
    const patch = () => api.requests.find(({ method }) => method === 'PATCH')
    await until(patch)
    t.equal(patch()?.path, '/api/v1/nodes/node1/status')
    t.match(JSON.parse(patch()?.body ?? ''), {
      status: { conditions: [{ type: 'NetworkUnavailable', status: 'False' }] },
    })
    await until(() => /NetworkUnavailable is False now/.test(said.join('')))
  })

  await t.test('what goes wrong is an Event', async t => {
    api.nodes.put(nodeObject(4, ['10.244.3.0/25']))
    const event = () => api.requests.find(({ path, body }) => /\/events$/.test(path) && /CidrRefused/.test(body))
    await until(event)
    const note = /node4's podCIDR 10.244.3.0\/25 overlaps with node node3/
    t.match(JSON.parse(event()?.body ?? ''), { reason: 'CidrRefused', note })
    t.match(routes(), /10.244.3.0\/24 via 192.0.2.3/)
  })

  await t.test('ends at a signal, and its routes stay', async t => {
    const ended = new Promise(resolve => child.on('exit', resolve))
    child.kill('SIGTERM')
    t.equal(await ended, 0, said.join(''))
    t.match(routes(), /10.244.3.0\/24 via 192.0.2.3/)
  })
})

t.test('a podCIDR that is a network of the node’s own gets no conflist', needsNft, async t => {
  const api = new FakeApi()
  api.nodes.put(nodeObject(1, ['192.0.2.0/25']))
  const ofAll = ({ method, query }: ApiRequest) => method === 'GET' && query['fieldSelector'] === undefined
  api.fault = request => (ofAll(request) ? 'hang' : undefined)
  const { conflist, state } = await start(t, api)
  await until(() => api.requests.some(({ query }) => query['watch'] !== undefined), START_MS)
  api.fault = () => undefined
  await api.close()
  await api.open()
  const told = () => readFileSync(`${state}/agent.json`, 'utf8')
  await until(() => /podCIDR 192.0.2.0\/25 overlaps with the network of eth0/.test(told()), START_MS)
  t.notOk(existsSync(conflist))
})

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { ClusterNode } from '../cluster/node.ts'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import type { PassOutcome } from './agent-report.ts'
import { Announcer, type AnnouncerOptions } from './announcer.ts'
import { createMetrics } from './metrics.ts'
import { readState } from './state-file.ts'

const self: ClusterNode = {
  name: 'one',
  addresses: [parseAddress('172.18.0.2')],
  podCidrs: [parsePrefix('10.244.1.0/24')],
}
const route = { family: 4, destination: '10.244.2.0/24', gateway: '172.18.0.3' } as const

const outcome = (given: Partial<PassOutcome> = {}, node: ClusterNode = self): PassOutcome => ({
  plan: {
    self: node,
    members: [node, { ...self, name: 'two' }],
    here: { mode: 'auto' },
    desired: { plans: new Map([['two', { routes: [route], ways: { 4: 'direct' } }]]) },
  },
  podMtu: 1450,
  routesWanted: 2,
  routesPresent: 2,
  changes: 0,
  tookMs: 1,
  complaints: [],
  ...given,
})

function fixture(t: Test, more: Partial<AnnouncerOptions> = {}) {
  const directory = t.testdir({})
  const [file, stateFile] = [`${directory}/net.d/10-podwire.conflist`, `${directory}/run/agent.json`]
  const said: (string | undefined)[] = []
  const announcer = new Announcer({
    node: 'one',
    stateFile,
    conflist: { file, options: { masquerade: { except: [parsePrefix('10.0.0.0/8')] } } },
    everyMs: 30_000,
    metrics: createMetrics({ ranges: async () => [] }),
    say: problem => said.push(problem?.message),
    ...more,
  })
  return { announcer, answers: announcer.answers(), said, file, stateFile, directory }
}

t.test('the first pass writes the conflist and says ready', async t => {
  const { announcer, answers, file, stateFile } = fixture(t)
  announcer.listens = '127.0.0.1:9912'
  t.equal(answers.unreadiness(), 'the agent has not finished its first pass yet')
  t.notOk(existsSync(stateFile))
  announcer.onPass(outcome())
  t.match(JSON.parse(readFileSync(file, 'utf8')).plugins[0], { mtu: 1450, agent: stateFile, ipMasq: true })
  const known = { node: 'one', podCidrs: ['10.244.1.0/24'], conflist: file, listens: '127.0.0.1:9912' }
  t.strictSame(readState(stateFile), { ready: true, ...known })
  t.equal(answers.unreadiness(), undefined)
  t.match(answers.status(), {
    node: 'one',
    ready: true,
    mode: 'auto',
    nodes: 2,
    routes: { wanted: 2, present: 2 },
    ways: [{ node: 'two', destination: '10.244.2.0/24', way: 'direct', via: '172.18.0.3' }],
    masquerade: { except: ['10.0.0.0/8'] },
    lastPass: { changes: 0, tookMs: 1 },
    lastError: undefined,
  })
})

t.test(
  'without a podCIDR there is no conflist, and the runtime hears why; once there was one, it serves on',
  async t => {
    const { announcer, answers, file, stateFile, said } = fixture(t)
    announcer.onPass(outcome({}, { ...self, podCidrs: [] }))
    t.notOk(existsSync(file))
    t.match(readState(stateFile), { ready: false, code: 50, message: /^this node has no podCIDR yet/ })
    announcer.onPass(outcome({ plan: undefined }))
    t.match(readState(stateFile), { ready: false, code: 50, message: /^this node, one, is not among/ })
    announcer.onPass(outcome())
    t.equal(said.at(-1), undefined)
    const before = readFileSync(file, 'utf8')
    for (const less of [outcome({ plan: undefined }), outcome({}, { ...self, podCidrs: [] })]) {
      announcer.onPass(less)
      t.equal(answers.unreadiness(), undefined)
      t.equal(readFileSync(file, 'utf8'), before)
    }
  },
)

t.test('a conflist that somebody removed or changed is there again after the next pass', async t => {
  const { announcer, file } = fixture(t)
  announcer.onPass(outcome())
  const right = readFileSync(file, 'utf8')
  rmSync(file)
  announcer.onPass(outcome())
  t.equal(readFileSync(file, 'utf8'), right)
  writeFileSync(file, '{}')
  announcer.onPass(outcome())
  t.equal(readFileSync(file, 'utf8'), right)
})

t.test('where neither can be written, it says so and goes on', async t => {
  const { announcer, answers, said, directory } = fixture(t)
  writeFileSync(`${directory}/net.d`, '')
  announcer.onPass(outcome())
  t.match(said, [/^cannot write the CNI configuration/])
  t.match(answers.unreadiness(), /^cannot write the CNI configuration/)
  rmSync(`${directory}/run`, { recursive: true })
  rmSync(`${directory}/net.d`)
  writeFileSync(`${directory}/run`, '')
  announcer.onPass(outcome())
  t.match(said.at(-1), /^cannot tell the agent's state/)
})

t.test('what stands is counted when it begins, and told until something else is the last error', async t => {
  const { announcer, answers, stateFile } = fixture(t)
  const gone = new Problem('TUNNEL_UNAVAILABLE', 'no VXLAN', 'modprobe vxlan')
  for (const trigger of ['start', 'nodes', 'timer'])
    announcer.onPass(outcome({ complaints: [gone], triggers: [trigger] }))
  t.match(readState(stateFile), { ready: false, code: 51, message: 'no VXLAN' })
  t.match((await answers.metrics()).text, /^podwire_ready 0$/m)
  announcer.onPass(outcome())
  t.match(readState(stateFile), { ready: true })
  t.match(announcer.report(), { lastError: { code: 'TUNNEL_UNAVAILABLE' }, problems: [] })
  const { text } = await answers.metrics()
  t.match(text, /^podwire_errors_total\{code="TUNNEL_UNAVAILABLE"\} 1$/m)
  t.match(text, /^podwire_passes_total\{result="failed"\} 3$/m)
  t.match(text, /^podwire_event_to_kernel_seconds_count 1$/m, 'only what the cluster changed')
  t.notMatch(text, /^podwire_problems\{/m)
})

t.test(
  'an agent whose passes no longer come is ill; one that waits for its first is not, nor one whose clock is set',
  async t => {
    const [time, clock] = [{ ms: 0 }, { ms: Date.now() }]
    t.intercept(performance, 'now', { value: () => time.ms })
    t.intercept(Date, 'now', { value: () => clock.ms })
    const { announcer, answers } = fixture(t)
    time.ms = 1_000_000
    t.equal(answers.illness(), undefined)
    announcer.onPass(outcome())
    clock.ms += 3_600_000
    time.ms += 89_000
    t.equal(answers.illness(), undefined)
    time.ms += 1000
    t.equal(answers.illness(), 'no pass for 90 s')
  },
)

t.test('what is amiss here and does not keep pods from being made is for the probe alone', async t => {
  const { announcer, answers, stateFile } = fixture(t)
  const foreign = new Problem('ROUTE_FOREIGN', 'somebody else has a route')
  t.equal(announcer.onPass(outcome({ complaints: [foreign] })), true, 'pods have a network')
  t.equal(answers.unreadiness(), foreign.message)
  t.match(announcer.report(), { ready: false, message: foreign.message })
  t.match(readState(stateFile), { ready: true })
  t.match((await answers.metrics()).text, /^podwire_ready 0$/m)
  announcer.onPass(outcome({ complaints: [new Problem('CIDR_REFUSED', 'node b claims what a has')] }))
  t.equal(answers.unreadiness(), undefined)
  t.match((await answers.metrics()).text, /^podwire_ready 1$/m)
})

t.test('until the first pass it says why that does not come', async t => {
  const { announcer, answers, stateFile } = fixture(t)
  announcer.listens = '127.0.0.1:9912'
  announcer.waiting()
  const yet = 'the agent has not finished its first pass yet'
  const known = { ready: false, code: 50, node: 'one', listens: '127.0.0.1:9912' }
  t.match(readState(stateFile), { ...known, message: yet })
  announcer.waiting(new Problem('API_UNREACHABLE', 'the API server is away'))
  t.match(readState(stateFile), { ...known, message: `${yet}: the API server is away` })
  t.equal(answers.unreadiness(), `${yet}: the API server is away`)
  t.match(announcer.report(), { ready: false, lastError: { code: 'API_UNREACHABLE' } })
  announcer.onPass(outcome())
  announcer.waiting(new Problem('API_UNREACHABLE', 'the API server is away'))
  t.match(readState(stateFile), { ready: true })
  t.equal(answers.unreadiness(), undefined)
})

t.test('what goes wrong before the first pass is counted once, and still stands with it', async t => {
  const { announcer, answers } = fixture(t)
  const away = new Problem('API_UNREACHABLE', 'the API server is away')
  const foreign = new Problem('ROUTE_FOREIGN', 'somebody else has a route')
  announcer.waiting(away)
  announcer.waiting(foreign)
  for (let i = 0; i < 2; i++) announcer.onPass(outcome({ complaints: [away, foreign] }))
  const { text } = await answers.metrics()
  t.match(text, /^podwire_errors_total\{code="API_UNREACHABLE"\} 1$/m)
  t.match(text, /^podwire_errors_total\{code="ROUTE_FOREIGN"\} 1$/m)
})

t.test('a first pass that failed says so, and nothing of a node that nobody knows', async t => {
  const { announcer, answers, stateFile, said } = fixture(t)
  const failed = new Problem('KERNEL_REFUSED', 'a pass failed: EPERM')
  announcer.onPass(outcome({ plan: undefined, complaints: [failed] }))
  t.equal(answers.unreadiness(), failed.message)
  t.match(readState(stateFile), { ready: false, message: failed.message })
  t.strictSame(said, [undefined])
})

t.test('a conflist that could not be written beforehand is not over while the first pass is waited for', async t => {
  const { announcer, said, directory } = fixture(t)
  writeFileSync(`${directory}/net.d`, '')
  announcer.foretell(self, 1450)
  announcer.waiting(new Problem('API_UNREACHABLE', 'the API server is away'))
  t.match(said, [/^cannot write the CNI configuration/])
  t.equal(said.length, 1)
})

t.test('what an earlier agent left counts until the first pass', async t => {
  const { announcer, stateFile, directory } = fixture(t)
  const before = { ready: true, node: 'one', podCidrs: ['10.244.1.0/24'] }
  mkdirSync(`${directory}/run`)
  writeFileSync(stateFile, JSON.stringify(before))
  announcer.waiting(new Problem('API_UNREACHABLE', 'the API server is away'))
  t.strictSame(readState(stateFile), before)
})

t.test('where the node’s podCIDR was refused, that is why there is no conflist', async t => {
  const { announcer, answers, said, stateFile } = fixture(t)
  const refused = new Problem('CIDR_REFUSED', "node one's podCIDR 172.18.0.0/24 overlaps with the network of eth0")
  announcer.onPass(outcome({ complaints: [refused] }, { ...self, podCidrs: [] }))
  t.match(readState(stateFile), { ready: false, code: 50, message: refused.message })
  t.equal(answers.unreadiness(), refused.message)
  t.strictSame(said, [undefined], 'which the pass says')
  t.match((await answers.metrics()).text, /^podwire_problems\{code="CIDR_REFUSED"\} 1$/m)
})

import t from 'tap'
import type { AgentReport } from '../agent/agent-report.ts'
import { exitCode, type NodeStatus } from './node-status.ts'
import { ago, type Paint, statusScreen } from './status-screen.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const plain: Paint = (_, text) => text
const screen = (status: NodeStatus, paint = plain, ways = 15) => statusScreen(status, { paint, now, ways })

const report: AgentReport = {
  node: 'worker-1',
  ready: true,
  mode: 'auto',
  podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'],
  nodes: 3,
  routes: { wanted: 4, present: 4 },
  ways: [
    { node: 'worker-2', destination: '10.244.2.0/24', way: 'direct', via: '172.18.0.3' },
    { node: 'far', destination: '10.244.13.0/24', way: 'vxlan', via: '10.244.13.0' },
  ],
  masquerade: { except: ['10.244.0.0/16', '10.96.0.0/12'] },
  conflist: '/etc/cni/net.d/10-podwire.conflist',
  lastPass: { at: '2026-01-01T11:59:57Z', tookMs: 2, changes: 0 },
  lastError: {
    at: '2026-01-01T11:48:00Z',
    code: 'KERNEL_REFUSED',
    message: 'the kernel refused a change',
    details: '',
  },
  problems: [],
}
const fine: NodeStatus = {
  release: '0.1.0',
  state: { ready: true, node: 'worker-1', listens: '127.0.0.1:9912' },
  report,
  silence: undefined,
  ranges: [
    { range: '10.244.1.0/24', used: 12, free: 241 },
    { range: 'fd00:10:244:1::/64', used: 12 },
  ],
  ways: [],
  findings: [],
  unknown: [],
}

t.test('a node that is well, on one screen', async t => {
  t.equal(
    screen(fine),
    `podwire 0.1.0 on worker-1: ready
  agent      answers on 127.0.0.1:9912 · mode auto · last pass 3 s ago, nothing to change
  last error 12 min ago: the kernel refused a change
  conflist   /etc/cni/net.d/10-podwire.conflist
  addresses  10.244.1.0/24       12 used, 241 free
             fd00:10:244:1::/64  12 used, plenty free
  masquerade what leaves for others than 10.244.0.0/16, 10.96.0.0/12
  routes     4 of 4 there, 3 nodes
             10.244.2.0/24   worker-2  direct via 172.18.0.3
             10.244.13.0/24  far       vxlan  via 10.244.13.0
`,
  )
  t.equal(exitCode(fine), 0)
})

t.test('an agent that is silent: what it wrote, and what the kernel has', async t => {
  const status: NodeStatus = {
    ...fine,
    report: undefined,
    silence: 'does not answer on 127.0.0.1:9912: ECONNREFUSED',
    ways: [{ node: '', destination: '10.244.2.0/24', via: '172.18.0.3' }],
    ranges: [],
  }
  t.equal(
    screen(status),
    `podwire 0.1.0 on worker-1: ready
  agent      does not answer on 127.0.0.1:9912: ECONNREFUSED
  routes     10.244.2.0/24  via 172.18.0.3
`,
  )
  t.equal(exitCode(status), 1)
})

t.test('an agent that waits for its first pass: why, and what the kernel has', async t => {
  const { lastPass: _, ...unpassed } = report
  const why = 'the agent has not finished its first pass yet: the API server is away'
  const waiting = { ...unpassed, ready: false, message: why, mode: undefined, masquerade: undefined, ways: [] }
  const ways = [{ node: '', destination: '10.244.2.0/24', via: '172.18.0.3' }]
  t.equal(
    screen({ ...fine, report: waiting, ranges: [], ways }),
    `podwire 0.1.0 on worker-1: not ready: ${why}
  agent      answers on 127.0.0.1:9912 · no pass yet
  last error 12 min ago: the kernel refused a change
  conflist   /etc/cni/net.d/10-podwire.conflist
  routes     10.244.2.0/24  via 172.18.0.3
`,
  )
})

t.test('no agent at all, and nothing that could be read', async t => {
  const status: NodeStatus = {
    ...fine,
    state: undefined,
    report: undefined,
    ranges: [],
    unknown: ['addresses: EACCES'],
  }
  t.equal(
    screen(status),
    `podwire 0.1.0: not ready: no agent has finished a pass here
  agent      none: kubectl apply -f podwire.yaml starts one on each node; without Kubernetes, see podwire agent --help
  unknown    addresses: EACCES
`,
  )
  t.equal(exitCode(status), 1)
})

t.test('what is wrong stands out, with the line that mends it', async t => {
  const marked: Paint = (format, text) => `<${format} ${text}>`
  const problem = { code: 'TUNNEL_UNAVAILABLE', message: 'no VXLAN', details: 'modprobe vxlan' }
  const wrong: NodeStatus = {
    ...fine,
    report: { ...report, ready: false, message: 'no VXLAN', problems: [problem], routes: { wanted: 4, present: 3 } },
    ranges: [{ range: '10.244.1.0/24', used: 253, free: 0 }],
    findings: [{ what: 'FORWARD drops', mend: 'iptables -P FORWARD ACCEPT' }],
  }
  const text = screen(wrong, marked)
  for (const piece of [
    'on <bold worker-1>: <red not ready>\n',
    'wrong now  <red no VXLAN>\n               modprobe vxlan\n',
    '253 used, <red 0 free>',
    '<red 3 of 4 there>, 3 nodes',
    'mend       <yellow FORWARD drops>\n               <bold iptables -P FORWARD ACCEPT>\n',
  ])
    t.ok(text.includes(piece), piece)
  t.equal(exitCode(wrong), 1)
  t.equal(exitCode({ ...fine, findings: wrong.findings }), 1)
  const problems = [{ code: 'NODE_UNREACHABLE', message: 'there is no way to node9', details: '' }]
  t.equal(exitCode({ ...fine, report: { ...report, problems } }), 1)
  t.match(screen({ ...fine, report: { ...report, problems } }), /: ready, but not all is well\n/)
  t.equal(exitCode({ ...fine, report: { ...report, routes: { wanted: 4, present: 3 } } }), 1)
})

t.test('thousands of nodes still fit', async t => {
  const ways = Array.from({ length: 5000 }, (_, i) => ({ node: `n${i}`, destination: `10.${i >> 8}.${i & 255}.0/24` }))
  const text = screen({ ...fine, report: { ...report, ways } }, plain, 10)
  t.equal(text.split('\n').length, 20)
  t.match(text, /… and 4990 more: podwire status --json\n$/)
})

t.test('how long ago', async t => {
  const at = (seconds: number) => ago(new Date(now - seconds * 1000).toISOString(), now)
  t.same([0, 119, 120, 7199, 7200, 172_799, 172_800, -5].map(at), [
    '0 s ago',
    '119 s ago',
    '2 min ago',
    '119 min ago',
    '2 h ago',
    '47 h ago',
    '2 days ago',
    '0 s ago',
  ])
})

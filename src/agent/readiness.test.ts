import t from 'tap'
import { Problem } from '../problem.ts'
import { readiness, unreadiness } from './readiness.ts'

const unwritten = new Problem('NOT_AVAILABLE', 'no podCIDR yet')
const noTunnel = new Problem('TUNNEL_UNAVAILABLE', 'no VXLAN')
const stranger = new Problem('NODE_INVALID', 'node b has no address')

t.test('ready once the conflist is there and nothing that pods need is missing', async t => {
  t.strictSame(readiness([], undefined), { ready: true })
  t.strictSame(readiness([stranger], undefined), { ready: true }, "another node's fault is not this one's")
  t.strictSame(readiness([], unwritten), { ready: false, code: 50, message: 'no podCIDR yet' })
  t.strictSame(readiness([stranger, noTunnel], undefined), { ready: false, code: 51, message: 'no VXLAN' })
  t.match(readiness([noTunnel], unwritten), { code: 51 }, 'the graver one')
})

t.test('the probe says no where the conflist is not written, or the pass was not clean on this node', async t => {
  const foreign = new Problem('ROUTE_FOREIGN', 'somebody else has a route')
  const away = new Problem('API_UNREACHABLE', 'the API server does not answer')
  t.equal(unreadiness([], undefined), undefined)
  t.equal(unreadiness([stranger, away], undefined), undefined)
  t.equal(unreadiness([stranger, foreign], undefined), foreign.message)
  t.equal(unreadiness([noTunnel], undefined), noTunnel.message)
  t.equal(unreadiness([foreign], unwritten), unwritten.message)
  t.strictSame(readiness([foreign], undefined), { ready: true }, 'while pods can be made')
})

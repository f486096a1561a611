import t from 'tap'
import { Problem } from '../problem.ts'
import { readiness } from './readiness.ts'

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

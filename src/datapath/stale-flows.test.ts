import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import type { HostPort } from './pod-rules.ts'
import { portElements } from './port-elements.ts'
import { flowsThrough, flowsTo } from './stale-flows.ts'

const [pod4, pod6] = ['10.1.0.5', 'fd00::5'].map(parseAddress)
const port: HostPort = { protocol: 'udp', hostPort: 53, containerPort: 5353 }
const elements = (...ports: HostPort[]) =>
  portElements({
    hostInterface: 'pwtest',
    addresses: ['10.1.0.5', '10.1.0.6', 'fd00::5'].map(parseAddress),
    rules: { isAntiSpoofed: true, ports },
  })
const udp = (family: 4 | 6, more: object = {}) => ({ family, protocol: 17, port: 53, ...more })

t.test('a port of every address is one of both families', async t => {
  t.strictSame(flowsTo(elements(port)), [udp(4), udp(6)])
  t.strictSame(flowsThrough(elements(port)), [
    udp(4, { target: { address: pod4, port: 5353 } }),
    udp(6, { target: { address: pod6, port: 5353 } }),
  ])
})

t.test('a port of one address is of its family alone', async t => {
  const ports = ['192.0.2.1', '2001:db8::1', '::'].map(hostAddress => ({ ...port, hostAddress }))
  t.strictSame(flowsTo(elements(...ports)), [
    udp(4, { address: parseAddress('192.0.2.1') }),
    udp(6, { address: parseAddress('2001:db8::1') }),
    udp(6),
  ])
})

t.test('what has an end of its own is left to it', async t => {
  const others = elements({ ...port, protocol: 'tcp' }, { ...port, protocol: 'sctp' })
  t.strictSame([...flowsTo(others), ...flowsThrough(others)], [])
})

import { testReplies, testWire } from '../testing/wire.ts'
import { blankFlow, flow } from './flow.ts'

const UDP = 17
const there = { protocol: UDP, sourcePort: 40_000, destinationPort: 53 }
const back = { protocol: UDP, sourcePort: 53, destinationPort: 40_000 }
const original = { addresses: { source4: '10.0.0.9', destination4: '10.0.0.1' }, transport: there }
const reply = { addresses: { source4: '10.0.0.1', destination4: '10.0.0.9' }, transport: back }
// What conntrack(8) sends along of what it read; the tuple is what counts.
const state = { status: 8, timeoutSeconds: 299, mark: 0 }
const synproxy = { '#32792': Uint8Array.from(Buffer.from('080001000000000008000200000000000800030000000000', 'hex')) }

testWire(import.meta.url, flow, {
  'flow-list-request': { ...blankFlow, family: 2, attributes: {} },
  'flow-list-status': { ...blankFlow, family: 2, attributes: { status: 4, statusMask: 4 } },
  'flow-delete-udp': { ...blankFlow, family: 2, attributes: { original, reply, ...state, ...synproxy } },
  'flow-delete-zone': { ...blankFlow, family: 2, attributes: { original, reply, ...state, zone: 7, ...synproxy } },
  'flow-delete-udp-ipv6': {
    ...blankFlow,
    family: 10,
    attributes: {
      original: { addresses: { source6: 'fd00::9', destination6: 'fd00::1' }, transport: there },
      reply: { addresses: { source6: 'fd00::1', destination6: 'fd00::9' }, transport: back },
      ...state,
      ...synproxy,
    },
  },
})

testReplies(import.meta.url, flow, {
  'flow-list': [
    { family: 2, attributes: { original: { ...original, transport: { ...there, protocol: 6 } } } },
    { family: 2, attributes: { original, reply, zone: 7 } },
    { family: 2, attributes: { original, reply } },
  ],
})

import { testReplies, testWire } from '../testing/wire.ts'
import { blankNeighbour, neighbour } from './neighbour.ts'

const permanent = { ...blankNeighbour, index: 3, state: 0x80 }
const linkLayerAddress = '02:00:00:00:00:01'
const forwarding = { ...blankNeighbour, family: 7, index: 4, state: 0xc0, flags: 2 }
const behind = '02:00:00:00:00:02'

testWire(import.meta.url, neighbour, {
  'neighbour-add': { ...permanent, family: 2, attributes: { destination: '169.254.1.1', linkLayerAddress } },
  'neighbour-add-ipv6': { ...permanent, family: 10, attributes: { destination: 'fe80::1', linkLayerAddress } },
  'neighbour-add-fdb': { ...forwarding, attributes: { linkLayerAddress: behind, destination: '192.0.2.2' } },
  'neighbour-add-fdb-ipv6': { ...forwarding, attributes: { linkLayerAddress: behind, destination: '2001:db8::2' } },
  'neighbour-delete': { ...permanent, family: 2, attributes: { destination: '169.254.1.1' } },
})

testReplies(import.meta.url, neighbour, {
  'neighbour-list': [
    { ...permanent, family: 2, type: 1, attributes: { destination: '169.254.1.1', linkLayerAddress, probes: 0 } },
    { ...permanent, family: 10, type: 1, attributes: { destination: 'fe80::1', linkLayerAddress, probes: 0 } },
  ],
  'neighbour-list-fdb': [
    { ...forwarding, type: 1, attributes: { linkLayerAddress: behind, destination: '192.0.2.2' } },
  ],
})

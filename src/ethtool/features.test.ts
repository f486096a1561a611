import { testWire } from '../testing/wire.ts'
import { family, features } from './features.ts'

testWire(import.meta.url, features, {
  'features-set': {
    command: 12,
    version: 1,
    reserved: 0,
    attributes: { header: { device: 'vx0', flags: 1 }, wanted: { bits: [{ name: 'tx-generic-segmentation' }] } },
  },
})

testWire(import.meta.url, family, {
  'family-get': { command: 3, version: 0, reserved: 0, attributes: { name: 'ethtool' } },
})

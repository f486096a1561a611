import { testReplies, testWire } from '../testing/wire.ts'
import { blankRoute, route } from './route.ts'

const unicast = { ...blankRoute, table: 254, protocol: 3, type: 1 }

testWire(import.meta.url, route, {
  'route-add-host': {
    ...unicast,
    family: 2,
    destinationLength: 32,
    protocol: 67,
    scope: 253,
    attributes: { destination: '10.0.0.9', outputInterface: 3 },
  },
  'route-add-host-ipv6': {
    ...unicast,
    family: 10,
    destinationLength: 128,
    protocol: 67,
    attributes: { destination: 'fd00::9', outputInterface: 3 },
  },
  'route-add-default': {
    ...unicast,
    family: 2,
    flags: 0x04,
    attributes: {
      gateway: '169.254.1.1',
      preferredSource: '10.0.0.7',
      outputInterface: 3,
      metrics: { mtu: 1450 },
    },
  },
  'route-add-default-ipv6': {
    ...unicast,
    family: 10,
    flags: 0x04,
    attributes: {
      gateway: 'fe80::1',
      preferredSource: 'fd00::7',
      priority: 1024,
      outputInterface: 3,
      metrics: { mtu: 1450 },
    },
  },
  'route-delete': {
    ...blankRoute,
    family: 2,
    destinationLength: 32,
    table: 254,
    scope: 255,
    attributes: { destination: '10.0.0.9', outputInterface: 3 },
  },
})

testReplies(import.meta.url, route, {
  'route-list': [
    {
      family: 2,
      destinationLength: 0,
      flags: 0x04,
      attributes: { table: 254, metrics: { mtu: 1450 }, preferredSource: '10.0.0.7', gateway: '169.254.1.1' },
    },
    { family: 2, destinationLength: 32, protocol: 67, scope: 253, attributes: { destination: '10.0.0.9' } },
  ],
  'route-list-ipv6': [
    { family: 10, destinationLength: 128, protocol: 2, attributes: { destination: 'fd00::7', priority: 256 } },
    {
      family: 10,
      destinationLength: 0,
      protocol: 3,
      attributes: { gateway: 'fe80::1', preferredSource: 'fd00::7', metrics: { mtu: 1450 }, outputInterface: 3 },
    },
  ],
})

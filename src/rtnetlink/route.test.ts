import { testReplies, testWire } from '../testing/wire.ts'
import { blankRoute, route } from './route.ts'

const unicast = { ...blankRoute, table: 254, protocol: 3, type: 1 }
const ofNodes = { ...unicast, protocol: 113 }

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
  'route-add-unreachable': {
    ...ofNodes,
    family: 2,
    destinationLength: 24,
    type: 7,
    attributes: { destination: '10.244.1.0', priority: 4_278_198_272 },
  },
  'route-add-unreachable-ipv6': {
    ...ofNodes,
    family: 10,
    destinationLength: 64,
    type: 7,
    attributes: { destination: 'fd00:10:244:1::', priority: 4_278_198_272 },
  },
  'route-replace-onlink': {
    ...ofNodes,
    family: 2,
    destinationLength: 24,
    flags: 0x04,
    attributes: {
      destination: '10.244.2.0',
      gateway: '10.244.2.0',
      preferredSource: '10.244.1.0',
      outputInterface: 3,
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
  'route-list-node': [
    {
      protocol: 113,
      type: 7,
      destinationLength: 24,
      attributes: { table: 254, destination: '10.244.1.0', priority: 4_278_198_272 },
    },
    {
      protocol: 113,
      type: 1,
      flags: 4,
      attributes: { destination: '10.244.2.0', gateway: '10.244.2.0', outputInterface: 3 },
    },
  ],
  'route-list-node-ipv6': [
    { protocol: 113, type: 7, attributes: { destination: 'fd00:10:244:1::', priority: 4_278_198_272 } },
    {
      protocol: 113,
      type: 1,
      flags: 0,
      attributes: { destination: 'fd00:10:244:2::', priority: 1024, gateway: 'fe80::2', outputInterface: 3 },
    },
  ],
})

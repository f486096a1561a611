import { testReplies, testWire } from '../testing/wire.ts'
import { blankLink, link } from './link.ts'

const veth0 = { ...blankLink, index: 3 }

testWire(import.meta.url, link, {
  'link-add-veth': {
    ...blankLink,
    attributes: {
      address: '02:00:00:00:00:01',
      mtu: 1450,
      name: 'pw0',
      info: {
        kind: 'veth',
        data: {
          peer: {
            ...blankLink,
            attributes: { address: '02:00:00:00:00:02', mtu: 1450, netNsFd: 4, name: 'eth0' },
          },
        },
      },
    },
  },
  'link-add-ifb': { ...blankLink, flags: 1, change: 1, attributes: { name: 'bw0', info: { kind: 'ifb' } } },
  'link-add-vxlan': {
    ...blankLink,
    attributes: {
      address: '02:00:00:00:00:01',
      mtu: 1450,
      name: 'vx0',
      info: { kind: 'vxlan', data: { id: 7963, local: '192.0.2.1', learning: 0, port: 4789 } },
    },
  },
  'link-add-vxlan-ipv6': {
    ...blankLink,
    attributes: {
      address: '02:00:00:00:00:01',
      mtu: 1430,
      name: 'vx0',
      info: { kind: 'vxlan', data: { id: 7963, localIpv6: '2001:db8::1', learning: 0, port: 4789 } },
    },
  },
  'link-set-up': { ...veth0, flags: 1, change: 1, attributes: {} },
  'link-set-alias': { ...veth0, attributes: { alias: 'default/web-0' } },
  'link-set-addrgenmode': { ...veth0, attributes: { addressFamilies: { inet6: { addressGenerationMode: 1 } } } },
  'link-set-group': { ...veth0, attributes: { group: 7 } },
  'link-delete': { ...veth0, attributes: {} },
  'link-delete-group': { ...blankLink, attributes: { group: 7 } },
})

testReplies(import.meta.url, link, {
  'link-show': [
    {
      index: 3,
      type: 1,
      attributes: {
        address: '02:00:00:00:00:a0',
        name: 'veth0',
        mtu: 1450,
        alias: 'default/web-0',
        link: 2,
        linkNetNsId: 0,
        operationalState: 2,
        info: { kind: 'veth' },
        addressFamilies: { inet6: { addressGenerationMode: 1 } },
      },
    },
  ],
  'link-show-vxlan': [
    {
      type: 1,
      attributes: {
        address: '02:00:00:00:00:01',
        name: 'vx0',
        mtu: 1450,
        info: { kind: 'vxlan', data: { id: 7963, local: '192.0.2.1', learning: 0, port: 4789, udpChecksum: 1 } },
        addressFamilies: { inet6: { addressGenerationMode: 1 } },
      },
    },
  ],
  'link-list': [
    { index: 1, type: 772, attributes: { name: 'lo', mtu: 65536, address: '00:00:00:00:00:00' } },
    { index: 2, flags: 0x11043, attributes: { name: 'veth1', link: 3, operationalState: 6, info: { kind: 'veth' } } },
    { index: 3, flags: 0x11043, attributes: { name: 'veth0', link: 2, operationalState: 6, info: { kind: 'veth' } } },
  ],
})

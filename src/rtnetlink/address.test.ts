import { testReplies, testWire } from '../testing/wire.ts'
import { address, blankAddress } from './address.ts'

const onVeth0 = { ...blankAddress, index: 3 }
const ipv4 = { ...onVeth0, family: 2, prefixLength: 32, attributes: { local: '10.0.0.7', address: '10.0.0.7' } }

testWire(import.meta.url, address, {
  'address-add': ipv4,
  'address-delete': ipv4,
  'address-add-ipv6-nodad': {
    ...onVeth0,
    family: 10,
    prefixLength: 128,
    flags: 0x02,
    attributes: { local: 'fd00::7', address: 'fd00::7' },
  },
})

const forever = { preferred: 0xffffffff, valid: 0xffffffff }

testReplies(import.meta.url, address, {
  'address-list': [
    { family: 2, index: 1, prefixLength: 8, scope: 254, attributes: { local: '127.0.0.1', label: 'lo' } },
    {
      family: 2,
      index: 3,
      prefixLength: 24,
      attributes: { local: '10.0.0.7', broadcast: '10.0.0.255', label: 'veth0', flags: 0x80, cacheInfo: forever },
    },
    { family: 10, index: 1, prefixLength: 128, attributes: { address: '::1', protocol: 1 } },
    { family: 10, index: 3, prefixLength: 128, attributes: { address: 'fd00::7', flags: 0x82 } },
  ],
})

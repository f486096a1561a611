import { testReplies, testWire } from '../testing/wire.ts'
import { blankMirred, TC_ACT_STOLEN, TCA_EGRESS_REDIR } from './action.ts'
import { blankFilter, everyProtocol, filter, matchAll } from './filter.ts'
import { INGRESS_HANDLE } from './qdisc.ts'

const info = everyProtocol(1)
const onIngress = { ...blankFilter, index: 3, parent: INGRESS_HANDLE, info }
const toVeth1 = { action: TC_ACT_STOLEN, direction: TCA_EGRESS_REDIR, interfaceIndex: 2 }

testWire(import.meta.url, filter, {
  'filter-add-redirect': {
    ...onIngress,
    attributes: {
      kind: 'u32',
      options: {
        actions: { first: { kind: 'mirred', options: { parameters: { ...blankMirred, ...toVeth1 } } } },
        selector: matchAll,
      },
    },
  },
})

testReplies(import.meta.url, filter, {
  'filter-list': [
    // The priority itself, its hash table, and in that the filter.
    { index: 3, parent: INGRESS_HANDLE, info, handle: 0, attributes: { kind: 'u32' } },
    { index: 3, handle: 0x8000_0000, attributes: { kind: 'u32' } },
    {
      index: 3,
      handle: 0x8000_0800,
      attributes: {
        kind: 'u32',
        options: {
          selector: matchAll,
          actions: { first: { kind: 'mirred', options: { parameters: { ...toVeth1, references: 1, bindings: 1 } } } },
        },
      },
    },
  ],
})

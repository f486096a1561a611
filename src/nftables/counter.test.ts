import t from 'tap'
import { testBatch } from '../testing/batch.ts'
import { testReplies } from '../testing/wire.ts'
import { decodeCounter, encodeCounter, objectMessage } from './counter.ts'

const spoofed = { kind: 'counter', family: 'inet', table: 'podwire', name: 'spoofed' } as const

testBatch(import.meta.url, {
  'counter-add': ['add', spoofed],
  'counter-delete': ['delete', spoofed],
})

testReplies(import.meta.url, objectMessage, {
  'counter-list': [{ attributes: { name: 'spoofed', type: 1, data: { bytes: 0, packets: 0 } } }],
})

t.test('reads back what it wrote', async t => {
  const counted = { ...spoofed, comment: 'dropped', packets: 3, bytes: 5_000_000_000 }
  t.same(decodeCounter(encodeCounter(counted)), counted)
})

import t from 'tap'
import { testBatch } from '../testing/batch.ts'
import { testReplies } from '../testing/wire.ts'
import { decodeTable, encodeTable, tableMessage } from './table.ts'

const podwire = { kind: 'table', family: 'inet', name: 'podwire' } as const

testBatch(import.meta.url, {
  'table-add': ['add', { ...podwire, comment: 'pods' }],
  'table-create': ['create', podwire],
  'table-delete': ['delete', podwire],
})

testReplies(import.meta.url, tableMessage, {
  'table-list': [{ family: 1, attributes: { name: 'podwire', flags: 0, use: 9, handle: 1 } }],
})

t.test('reads back what it wrote', async t => {
  for (const table of [podwire, { ...podwire, family: 'netdev', comment: 'x' } as const])
    t.same(decodeTable(encodeTable(table)), table)
})

import t from 'tap'
import { type ClusterNode, compareAge } from './node.ts'

const node = (name: string, createdAtMs?: number): ClusterNode => ({
  name,
  addresses: [],
  podCidrs: [],
  ...(createdAtMs !== undefined && { createdAtMs }),
})

t.test('orders nodes by age, then by name; unknown age comes last', async t => {
  const nodes = [node('unknown-b'), node('young', 9), node('old-b', 1), node('unknown-a'), node('old-a', 1)]
  const names = nodes.toSorted(compareAge).map(({ name }) => name)
  t.strictSame(names, ['old-a', 'old-b', 'young', 'unknown-a', 'unknown-b'])
})

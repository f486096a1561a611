import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { kindConfig } from './kind-config.ts'

t.test('clusters of the tests are like the one that users are told to make', async t => {
  const { networking, nodes, ...rest } = parse(
    readFileSync(join(import.meta.dirname, '../../kind-config.yaml'), 'utf8'),
  )
  const ours = kindConfig(3, 'dual-stack', 'nftables')
  t.match(ours, rest)
  t.match(ours.networking, networking)
  t.strictSame(ours.nodes, nodes)
})

import { readFileSync } from 'node:fs'
import t from 'tap'
import { type allSets, chains, linkGroup, nodeTable, OBJECT_COUNT, RULE_COUNT, sets } from './node-table.ts'

const section = readFileSync('ARCHITECTURE.md', 'utf8').split("## The node's table")[1]?.split('\n## ')[0] ?? ''
const rows = (heading: string): string[][] => {
  const table = section.split(`| ${heading} |`)[1]?.split('\n\n')[0] ?? ''
  return table
    .split('\n')
    .slice(2)
    .map(line =>
      line
        .split('|')
        .map(cell => cell.trim())
        .slice(1, -2),
    )
}

t.test('the chains are those that ARCHITECTURE.md lists', async t => {
  const ours = chains.map(({ name, base }) => [name, base?.type ?? '', base?.hook ?? '', String(base?.priority ?? '')])
  t.strictSame(ours, rows('chain'))
})

t.test('so are the sets, those of IPv6 like those of IPv4', async t => {
  const shown = (all: typeof allSets) =>
    all.map(({ name, key, value, isInterval }) => [
      name,
      key.join(' . ') + (isInterval ? ', intervals' : ''),
      value === undefined || value === 'verdict' ? '' : value.join(' . '),
    ])
  t.strictSame(shown(Object.values(sets[4])), rows('set or map'))
  const six = JSON.stringify(shown(Object.values(sets[4])))
    .replaceAll(/ipv4/g, 'ipv6')
    .replaceAll(/4"/g, '6"')
  t.equal(JSON.stringify(shown(Object.values(sets[6]))), six)
})

t.test('as many as a whole table is known by', async t => {
  const kinds = Map.groupBy(nodeTable(), ({ kind }) => kind)
  t.equal(kinds.get('rule')?.length, RULE_COUNT)
  t.equal(
    ['chain', 'set', 'counter'].reduce((sum, kind) => sum + (kinds.get(kind as 'set')?.length ?? 0), 0),
    OBJECT_COUNT,
  )
})

t.test('each kind of pod has its group', async t => {
  const group = (isAntiSpoofed: boolean, masqueradeExcept?: string[]) =>
    linkGroup({ isAntiSpoofed, ports: [], ...(masqueradeExcept && { masqueradeExcept }) })
  t.strictSame(
    [group(false), group(true), group(false, []), group(true, ['10.0.0.0/8'])].map(n => n.toString(16)),
    ['70776400', '70776401', '70776402', '70776403'],
  )
})

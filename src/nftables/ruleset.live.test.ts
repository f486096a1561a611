// The same ruleset by nft in one namespace and by us in another: nft lists both alike, and so do we.
import t from 'tap'
import { backend } from '../sys/libc.ts'
import { everyChange } from '../testing/every-change.ts'
import { listed, needsNft, nft } from '../testing/nft.ts'
import { throwAwayNetfilter } from '../testing/throw-away-netfilter.ts'
import { areSame } from './canonical.ts'
import { commit } from './commit.ts'
import type { Family } from './family.ts'
import type { NftObject } from './object-message.ts'
import { readTable } from './ruleset.ts'

const familyOf = (object: NftObject): Family => (object.kind === 'elements' ? object.set.family : object.family)

/** In an order of our own: the kernel lists elements in its. */
const sorted = (all: readonly NftObject[]) =>
  all
    .filter(object => object.kind === 'elements')
    .map(({ set, elements }) => ({
      set: set.name,
      elements: elements.toSorted((a, b) => String(a.key).localeCompare(String(b.key))),
    }))
    .toSorted((a, b) => a.set.localeCompare(b.set))

t.test(`a ruleset through ${backend()}`, needsNft, async t => {
  const { path: theirs, connection: toTheirs } = throwAwayNetfilter(t)
  const { path: ours, connection: toOurs } = throwAwayNetfilter(t)
  const families: readonly Family[] = ['inet', 'ip', 'ip6', 'netdev']

  await t.test('that is not there reads as none', async t => {
    const { table, chains, rules } = readTable(toOurs, { family: 'inet', table: 'podwire' })
    t.same([table, chains, rules], [undefined, [], []])
  })

  await t.test('is the same to nft, whoever wrote it', async t => {
    nft(theirs, '-f', 'src/nftables/golden/everything.nft')
    commit(toOurs, everyChange)
    const text = listed(ours)
    t.match(text, /fib daddr type local dnat ip to ip daddr \. meta l4proto \. th dport map @ports/)
    t.equal(text, listed(theirs))
  })

  await t.test('reads as it was written', async t => {
    for (const family of families) {
      const found = readTable(toOurs, { family, table: 'podwire' })
      const written = everyChange.map(([, object]) => object).filter(object => familyOf(object) === family)
      t.same(
        [found.table],
        written.filter(({ kind }) => kind === 'table'),
        family,
      )
      t.same(
        found.chains,
        written.filter(({ kind }) => kind === 'chain'),
      )
      t.same(
        found.sets,
        written.filter(({ kind }) => kind === 'set'),
      )
      const elements = found.elements.filter(({ elements }) => elements.length > 0)
      t.same(sorted(elements), sorted(written))
      t.match(
        found.counters,
        written.filter(({ kind }) => kind === 'counter'),
      )
      for (const chain of found.chains) {
        const rules = found.rules.filter(rule => rule.chain === chain.name)
        const wanted = written.filter(object => object.kind === 'rule').filter(rule => rule.chain === chain.name)
        t.equal(rules.length, wanted.length, chain.name)
        for (const [at, rule] of rules.entries()) {
          const { expressions = [], comment } = wanted[at] ?? {}
          t.ok(areSame(rule.expressions, expressions), `${chain.name} ${at}`)
          t.equal(rule.comment, comment)
        }
      }
    }
  })

  await t.test('reads alike, whoever wrote it', async t => {
    for (const family of families) {
      const a = readTable(toTheirs, { family, table: 'podwire' })
      const b = readTable(toOurs, { family, table: 'podwire' })
      t.same(sorted(a.elements), sorted(b.elements), family)
      for (const [at, { expressions }] of a.rules.entries()) {
        const other = b.rules[at]?.expressions ?? []
        t.ok(areSame(expressions, other), `rule ${at}`)
      }
      t.same({ ...a, elements: [], rules: [], generation: 0 }, { ...b, elements: [], rules: [], generation: 0 })
    }
  })

  await t.test('what differs is seen', async t => {
    const { rules } = readTable(toOurs, { family: 'inet', table: 'podwire' })
    for (const [at, rule] of rules.entries()) {
      for (const [other, { expressions }] of rules.entries())
        t.equal(areSame(rule.expressions, expressions), at === other, `${at} and ${other}`)
    }
  })
})

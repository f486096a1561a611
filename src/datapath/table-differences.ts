// The node's table in the kernel, compared with what it should be. What is in sets and maps beyond that is the pods'.
import { isDeepStrictEqual } from 'node:util'
import { areSame } from '../nftables/canonical.ts'
import type { Rule } from '../nftables/rule.ts'
import type { Ruleset } from '../nftables/ruleset.ts'
import { allSets, chains, nodeTable, TABLE_VERSION, versionOf, within } from './node-table.ts'

const NAME = `the node's table ${within.family} ${within.table}`
const CURE = 'somebody changed it; `nft delete table inet podwire`, and the next ADD makes it anew with all pods'

/** Sentences, each with the name of what is wrong. */
export function tableDifferences({ table, chains: foundChains, sets, rules }: Ruleset): string[] {
  if (table === undefined) return [`${NAME} is missing: the next ADD makes it anew with all pods`]
  // That of a newer podwire, which knows what belongs there.
  if (versionOf(table.comment) > TABLE_VERSION) return []
  const wanted = nodeTable().filter(object => object.kind === 'rule')
  const wrongChains = chains.filter(({ name, base }) => {
    const found = foundChains.find(chain => chain.name === name)
    const rulesOf = (all: readonly Rule[]) => all.filter(({ chain }) => chain === name)
    return found === undefined || !isDeepStrictEqual(found.base, base) || !isSameRules(rulesOf(rules), rulesOf(wanted))
  })
  const wrongSets = allSets.filter(want => !sets.some(found => isDeepStrictEqual(found, want)))
  return [...wrongChains, ...wrongSets].map(
    ({ kind, name }) => `${NAME}: the ${kind} ${name} is not as it should be: ${CURE}`,
  )
}

const isSameRules = (some: readonly Rule[], others: readonly Rule[]): boolean =>
  some.length === others.length && some.every((rule, at) => areSame(rule.expressions, others[at]?.expressions ?? []))

// What a port of the node costs a call: ours without and with one, where a thousand pods have theirs as well, and what the reference portmap takes on top.

import { interleaved } from '../interleaved.ts'
import { callOf, type Network, ptp } from '../networks.ts'
import { Node } from '../node.ts'
import { ms, ratio, table } from '../report.ts'
import { type Estimate, median, pairwise, quantile, quartileDifference } from '../statistics.ts'
import { addOthers, call, mapping, oursWith, portmap } from './host-port.ts'
import type { Setting } from './setting.ts'

const LIMIT_MS = 1
const GROWTH_LIMIT = 1.2
const MANY = 1_000

type Times = Readonly<Record<'ADD' | 'DEL', number>>

export function hostPorts(setting: Setting): void {
  const [node, manyOfAll, manyOfOne] = [new Node(), new Node(), new Node()]
  addOthers(manyOfAll, MANY, 'port')
  addOthers(manyOfOne, MANY, 'port-at')
  const once = (node: Node, network: Network) => () => {
    const measure = (command: string) => measureOn(setting, node, network, command)
    return { ADD: measure('ADD'), DEL: measure('DEL') }
  }
  const mapped = oursWith(setting.podwire, [mapping], 'mapped')
  const measured = interleaved(Math.max(60, 2 * setting.rounds), {
    plain: once(node, oursWith(setting.podwire, [], 'plain')),
    mapped: once(node, mapped),
    manyOfAll: once(manyOfAll, mapped),
    manyOfOne: once(manyOfOne, mapped),
  })
  const { plain, mapped: one } = measured
  const more = (value: Estimate): Figure => ({ value, unit: 'ms more', limit: LIMIT_MS })
  const growth = (name: 'manyOfAll' | 'manyOfOne'): Figure => {
    const value = pairwise((a, b) => a / b, adds(measured[name]), adds(one))
    return { value, unit: 'times', limit: GROWTH_LIMIT }
  }
  const add = more(pairwise((a, b) => a - b, adds(one), adds(plain)))
  const del = more(quartileDifference(dels(one), dels(plain)))
  const rows = [
    ['', 'ADD p50', '', '', 'DEL p25', '', ''],
    row(setting, 'no port', plain),
    row(setting, 'a port', one, { add, del }),
    row(setting, `a port, beside ${MANY} pods’`, measured.manyOfAll, { add: growth('manyOfAll') }),
    row(setting, `a port, beside ${MANY} pods’ of one address`, measured.manyOfOne, { add: growth('manyOfOne') }),
    row(setting, 'reference portmap, on top of ptp', referencePortmap(setting)),
  ]
  console.log(table('A port of the node (IPv4); where many pods have one, against the same where none has', rows))
}

interface Figure {
  readonly value: Estimate
  readonly unit: string
  readonly limit: number
}

interface Figures {
  readonly add?: Figure
  readonly del?: Figure
}

function row(setting: Setting, name: string, times: readonly Times[], { add, del }: Figures = {}): string[] {
  const [addMedian, delQuartile] = [median(adds(times)), quantile(dels(times), 0.25)]
  setting.results[`host ports: ${name}`] = {
    ADD: { p50: addMedian, against: add?.value },
    DEL: { p25: delQuartile, against: del?.value },
  }
  const cells = (verb: string, figure: Figure | undefined) =>
    figure
      ? [
          `${ratio(figure.value)} ${figure.unit}`,
          setting.judge(`${verb} with ${name}, ${figure.unit}`, figure.value, figure.limit),
        ]
      : ['', '']
  return [name, ms(addMedian), ...cells('ADD', add), ms(delQuartile), ...cells('DEL', del)]
}

function referencePortmap(setting: Setting): Times[] {
  const node = new Node()
  const first = ptp(setting.reference, 'IPv4')
  const once = () => {
    const chained = portmap(setting.reference, [mapping], call(node, first, 'ADD'), 'iptables')
    const measure = (command: string) => measureOn(setting, node, chained, command)
    const times = { ADD: measure('ADD'), DEL: measure('DEL') }
    call(node, first, 'DEL')
    return times
  }
  return interleaved(10, { once }).once
}

const measureOn = (setting: Setting, { entering }: Node, network: Network, command: string): number =>
  setting.measure({ ...callOf(network, command, 'one'), entering }).ms

const adds = (times: readonly Times[]): number[] => times.map(({ ADD }) => ADD)
const dels = (times: readonly Times[]): number[] => times.map(({ DEL }) => DEL)

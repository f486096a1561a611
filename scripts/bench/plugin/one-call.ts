// What is ours of a call, in time and in memory: the same executable with an empty script, taken off.
import { interleaved } from '../interleaved.ts'
import { callOf, ours } from '../networks.ts'
import { ms, ratio, table } from '../report.ts'
import type { Measurement } from '../spawn.ts'
import { median, pairwise, quantile } from '../statistics.ts'
import { pod, type Setting } from './setting.ts'

const limits: Readonly<Record<string, number>> = { VERSION: 2, STATUS: 2, ADD: 6 }
const MEMORY_LIMIT = 1.15

export function oneCall(setting: Setting): void {
  const network = ours(setting.podwire, 'dual-stack', 'share')
  const newest = { ...network, config: { ...network.config, cniVersion: '1.1.0' } }
  const there = pod('bench-share')
  const dels: Measurement[] = []
  const measured = interleaved(Math.max(40, setting.rounds), {
    'empty script': () => setting.measure(setting.empty),
    VERSION: () => setting.measure(callOf(network, 'VERSION', there)),
    STATUS: () => setting.measure(callOf(newest, 'STATUS', there)),
    ADD: () => {
      const add = setting.measure(callOf(network, 'ADD', there))
      dels.push(setting.measure(callOf(network, 'DEL', there)))
      return add
    },
  })
  const empty = measured['empty script']
  const rows = [['', 'p50', 'p95', 'ours, ms', '', 'memory', 'of an empty script', '']]
  for (const [name, calls] of Object.entries({ ...measured, DEL: dels.slice(-empty.length) })) {
    const times = calls.map(call => call.ms)
    const sizes = calls.map(call => call.kib)
    const share = pairwise(
      (own, base) => own - base,
      times,
      empty.map(call => call.ms),
    )
    const memory = pairwise(
      (own, base) => own / base,
      sizes,
      empty.map(call => call.kib),
    )
    const isOurs = name !== 'empty script'
    const limit = limits[name]
    rows.push([
      name,
      ms(median(times)),
      ms(quantile(times, 0.95)),
      isOurs ? ratio(share) : '',
      limit === undefined ? '' : setting.judge(`${name} besides Node.js, ms`, share, limit),
      `${(median(sizes) / 1024).toFixed(1)} MiB`,
      isOurs ? ratio(memory) : '',
      isOurs ? setting.judge(`memory of ${name}`, memory, MEMORY_LIMIT) : '',
    ])
    setting.results[`one ${name}`] = {
      p50: median(times),
      p95: quantile(times, 0.95),
      share,
      kib: median(sizes),
      memory,
    }
  }
  console.log(table('One call (dual-stack) beside an empty script in the same executable', rows))
}

// Where an ADD spends its time, by its own log, which is written after the last phase.
import { readFileSync } from 'node:fs'
import { callOf, ours } from '../networks.ts'
import { ms, table } from '../report.ts'
import { median, quantile } from '../statistics.ts'
import { pod, type Setting } from './setting.ts'

const LOG = '/run/bench.log'

export function phases(setting: Setting): void {
  const plain = ours(setting.podwire, 'dual-stack', 'phases')
  const logged = { ...plain, config: { ...plain.config, log: { file: LOG } } }
  const there = pod('bench-phases')
  const totals = Array.from({ length: setting.rounds }, () => {
    const { ms } = setting.measure(callOf(plain, 'ADD', there))
    setting.measure(callOf(plain, 'DEL', there))
    setting.measure(callOf(logged, 'ADD', there))
    setting.measure(callOf(plain, 'DEL', there))
    return ms
  })
  const lines = readFileSync(LOG, 'utf8').trim().split('\n')
  const measured = lines.map(line => (JSON.parse(line) as { phases: Record<string, number> }).phases)
  const rows = [['phase', 'p50', 'p95']]
  for (const name of Object.keys(measured[0] ?? {})) {
    const times = measured.map(phases => phases[name] ?? 0)
    rows.push([name, ms(median(times)), ms(quantile(times, 0.95))])
    setting.results[`phase ${name}`] = median(times)
  }
  const counted = median(measured.map(phases => Object.values(phases).reduce((sum, value) => sum + value, 0)))
  rows.push(['loading before, exit after', ms(median(totals) - counted), ''])
  console.log(table('Phases of an ADD (dual-stack; "start" ends when our code runs)', rows))
}

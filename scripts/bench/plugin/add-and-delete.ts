// ADD and DEL of the whole plugin, ours, ptp's and bridge's, in turns.
import { interleaved } from '../interleaved.ts'
import { bridge, callOf, type Family, families, type Network, ours, ptp } from '../networks.ts'
import { ms, ratio, table } from '../report.ts'
import { median, pairwise, quantile } from '../statistics.ts'
import { pod, type Setting } from './setting.ts'

const limits: Readonly<Record<string, number>> = {
  'IPv4 ADD ptp': 3.3,
  'IPv4 DEL ptp': 1.4,
  'dual-stack ADD ptp': 1 / 40,
}

export function addAndDelete(setting: Setting): void {
  for (const family of families) measureFamily(setting, family)
}

function measureFamily(setting: Setting, family: Family): void {
  const { podwire, reference, rounds } = setting
  const once = (network: Network) => () => {
    const there = pod(`bench-${network.config.name}`)
    const ADD = setting.measure(callOf(network, 'ADD', there)).ms
    return { ADD, DEL: setting.measure(callOf(network, 'DEL', there)).ms }
  }
  const networks = {
    podwire: once(ours(podwire, family)),
    ptp: once(ptp(reference, family)),
    bridge: once(bridge(reference, family)),
  }
  // Reference dual-stack ADDs take two seconds.
  const count = family === 'IPv4' ? rounds : Math.max(20, Math.ceil(rounds / 2))
  const measured = interleaved(count, networks)
  const rows = [['', 'p50', 'p95', 'podwire / this', '']]
  for (const verb of ['ADD', 'DEL'] as const)
    for (const [name, pairs] of Object.entries(measured)) {
      const times = pairs.map(pair => pair[verb])
      const against = pairwise(
        (own, other) => own / other,
        measured.podwire.map(pair => pair[verb]),
        times,
      )
      const what = `${family} ${verb} ${name}`
      const limit = limits[what]
      rows.push([
        `${verb} ${name}`,
        ms(median(times)),
        ms(quantile(times, 0.95)),
        name === 'podwire' ? '' : ratio(against),
        limit === undefined ? '' : setting.judge(what, against, limit),
      ])
      setting.results[what] = { p50: median(times), p95: quantile(times, 0.95), ratio: against }
    }
  console.log(table(`${family}: ADD and DEL (ptp and bridge with host-local), ${count} rounds`, rows))
}

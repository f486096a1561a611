// Ten pods that start at once.
import { interleaved } from '../interleaved.ts'
import { callOf, families, type Network, ours, ptp } from '../networks.ts'
import { ms, ratio, table } from '../report.ts'
import { median, pairwise } from '../statistics.ts'
import { pod, type Setting } from './setting.ts'

const TEN = 10

export function tenAtATime(setting: Setting): void {
  const rows = [['', 'ten ADDs', 'ADD/s', 'podwire / this']]
  const tenOf = (network: Network) => {
    const name = `ten-${network.config.name}`
    for (let index = 0; index < TEN; index++) pod(`${name}-${index}`)
    return () => {
      const { ms } = setting.measure(callOf(network, 'ADD', `${name}-{}`), TEN)
      setting.measure(callOf(network, 'DEL', `${name}-{}`), TEN)
      return ms
    }
  }
  for (const family of families) {
    const measured = interleaved(20, {
      podwire: tenOf(ours(setting.podwire, family, `ten-${family}`)),
      ptp: tenOf(ptp(setting.reference, family)),
    })
    for (const [name, times] of Object.entries(measured)) {
      const against = pairwise((own, other) => own / other, measured.podwire, times)
      const middle = median(times)
      rows.push([
        `${family} ${name}`,
        ms(middle),
        (TEN / (middle / 1000)).toFixed(1),
        name === 'podwire' ? '' : ratio(against),
      ])
      setting.results[`ten ${family} ${name}`] = { ms: middle, ratio: against }
    }
  }
  console.log(table('Ten at a time', rows))
}

// IPAM where many reservations of others lie: ours beside host-local, and the whole ADD beside one where none lie.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { interleaved } from '../interleaved.ts'
import { callOf, ipamAlone, type Network, networkFolder, ours } from '../networks.ts'
import { ms, ratio, table } from '../report.ts'
import { median, pairwise } from '../statistics.ts'
import { pod, type Setting } from './setting.ts'

const counts = [0, 1_000, 10_000, 60_000]
const LIMIT = 1.2

export function reservations(setting: Setting): void {
  const rows = [['reservations', 'podwire-ipam', 'host-local', 'ratio', 'whole ADD', 'of ADD at none', '']]
  const none = ours(setting.podwire, 'IPv4', 'whole-none')
  for (const count of counts) {
    const own = ipamAlone(setting.podwire, 'podwire-ipam', `own-${count}`)
    const theirs = ipamAlone(setting.reference, 'host-local', `theirs-${count}`)
    const whole = ours(setting.podwire, 'IPv4', `whole-${count}`)
    const networks = [own, theirs, whole]
    for (const network of networks) reserve(networkFolder(network), count)
    const addOf = (network: Network, there: string) => () => {
      const { ms } = setting.measure(callOf(network, 'ADD', there))
      setting.measure(callOf(network, 'DEL', there))
      return ms
    }
    const measured = interleaved(Math.max(20, setting.rounds), {
      own: addOf(own, 'one'),
      theirs: addOf(theirs, 'one'),
      whole: addOf(whole, pod('bench-whole')),
      none: addOf(none, pod('bench-none')),
    })
    for (const network of networks) rmSync(networkFolder(network), { recursive: true })
    const against = pairwise((a, b) => a / b, measured.own, measured.theirs)
    const growth = pairwise((a, b) => a / b, measured.whole, measured.none)
    rows.push([
      count.toLocaleString('en'),
      ms(median(measured.own)),
      ms(median(measured.theirs)),
      ratio(against),
      ms(median(measured.whole)),
      ratio(growth),
      count === counts.at(-1) ? setting.judge(`ADD at ${count} reservations`, growth, LIMIT) : '',
    ])
    setting.results[`reservations ${count}`] = {
      own: median(measured.own),
      theirs: median(measured.theirs),
      against,
      whole: median(measured.whole),
      growth,
    }
  }
  console.log(table('ADD with reservations of others (IPv4)', rows))
}

function reserve(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true })
  const addressOf = (number: number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
  for (let index = 1; index <= count; index++)
    writeFileSync(join(folder, addressOf(index + 1)), `other-${index}\r\neth0`)
  if (count > 0) writeFileSync(join(folder, 'last_reserved_ip.0'), addressOf(count + 1))
}
